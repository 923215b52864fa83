import { createHash } from "node:crypto";
import { type Config, emptyMap } from "../config/config.ts";
import { expandNode, findReferences } from "../config/expand.ts";
import type { Registry } from "../define/registry.ts";
import { asWorkflowError, ConfigErrors, messageOf, prefixed, WorkflowError } from "../error/error.ts";
import type { ListenerOptions } from "../port/http.ts";
import type { Node } from "../schema/node.ts";
import { makePlan, type Plan } from "../plan/plan.ts";
import { drainMs, Generation, type ProcessServices } from "../runtime/generation.ts";
import { type Lease, Listener } from "./listener.ts";
import type { SecretResolver } from "./secrets.ts";
import { SharedInstances, throwawayInstances } from "./shared.ts";

/** What an engine is made of. */
export interface EngineOptions {
  readonly registry: Registry;
  readonly services: ProcessServices;
  readonly secrets: SecretResolver;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
  readonly workDir: string;
  /** Replaces the address of the first `http.server` (`-addr`). */
  readonly address?: string | undefined;
}

/** What a check of a configuration found. */
export interface CheckResult {
  readonly errors: readonly WorkflowError[];
  readonly warnings: readonly WorkflowError[];
}

/** How a reload ended; `at` is in epoch milliseconds. */
export interface ReloadRecord {
  readonly at: number;
  readonly isOk: boolean;
  readonly error?: string;
}

/** Holds the running generation and replaces it. Listeners belong to the engine, so that a reload closes no socket. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #shared = new SharedInstances();
  readonly #listeners = new Map<string, Listener>();
  #current: Generation | undefined;
  #config: Config | undefined;
  #hash = "";
  #lastReload: ReloadRecord | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting: { cancel(): void } | undefined;
  #draining = new Set<Promise<void>>();
  #isReloading = false;
  #isClosed = false;
  #number = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  get current(): Generation | undefined {
    return this.#current;
  }

  get config(): Config | undefined {
    return this.#config;
  }

  /** SHA-256 of every file of the running configuration. */
  get configHash(): string {
    return this.#hash;
  }

  get lastReload(): ReloadRecord | undefined {
    return this.#lastReload;
  }

  /** Counts the generations since the start, from 1. */
  get generationNumber(): number {
    return this.#number;
  }

  get state(): "running" | "reloading" | "stopped" {
    if (this.#isClosed) return "stopped";
    return this.#isReloading ? "reloading" : "running";
  }

  get isReady(): boolean {
    return !this.#isClosed && this.#current?.isReady === true;
  }

  /** Addresses that are listened on, with their ports. */
  addresses(): readonly { readonly address: string; readonly port: number }[] {
    return [...this.#listeners.values()].map(({ address, port }) => ({ address, port }));
  }

  /** Plans and builds a configuration, and throws the result away. */
  async check(config: Config): Promise<CheckResult> {
    try {
      const { plan, warnings } = await this.#plan(config);
      const generation = new Generation(plan, this.#options.services, throwawayInstances);
      return { errors: [], warnings: [...warnings, ...generation.warnings] };
    } catch (error) {
      return { errors: problemsOf(error), warnings: [] };
    }
  }

  /**
   * Replaces the running generation. Rejects with what is wrong and leaves the old one serving. Reloads run one after
   * the other; while one runs, a newer waiting one takes the place of an older waiting one, which fails with 409.
   */
  async apply(config: Config): Promise<{ readonly warnings: readonly WorkflowError[]; readonly isUnchanged: boolean }> {
    this.#waiting?.cancel();
    let isReplaced = false;
    const turn = { cancel: () => void (isReplaced = true) };
    this.#waiting = turn;
    const before = this.#queue;
    const work = before
      .catch(() => {})
      .then(() => {
        if (this.#waiting === turn) this.#waiting = undefined;
        if (isReplaced) throw new WorkflowError("management.conflict", "a newer reload took the place of this one");
        return this.#replace(config);
      });
    this.#queue = work.catch(() => {});
    return work;
  }

  async #plan(config: Config): Promise<{ readonly plan: Plan; readonly warnings: readonly WorkflowError[] }> {
    const { registry, environment, readFile, workDir, address, secrets } = this.#options;
    const references = [...findReferences(wholeOf(config))];
    const { values, warnings } = await secrets.resolve(references, AbortSignal.timeout(30_000));
    const expanded = expandConfig(config, values);
    try {
      const plan = makePlan(expanded, { registry, environment, readFile, workDir, address });
      return { plan, warnings: [...warnings, ...plan.warnings] };
    } catch (error) {
      throw prefixedBuild(error);
    }
  }

  async #replace(
    config: Config,
  ): Promise<{ readonly warnings: readonly WorkflowError[]; readonly isUnchanged: boolean }> {
    this.#isReloading = true;
    try {
      const { plan, warnings } = await this.#plan(config);
      let next: Generation;
      try {
        next = new Generation(plan, this.#options.services, this.#shared.source());
      } catch (error) {
        throw prefixedBuild(error);
      }
      try {
        await next.start();
      } catch (error) {
        throw prefixed("failed to start workflow engine: ", error);
      }
      await this.#commit(next);
      this.#config = config;
      this.#hash = hashOf(config);
      this.#lastReload = { at: this.#options.services.clock.now(), isOk: true };
      return { warnings: [...warnings, ...next.warnings], isUnchanged: false };
    } catch (error) {
      this.#lastReload = { at: this.#options.services.clock.now(), isOk: false, error: messageOf(error) };
      throw error;
    } finally {
      this.#isReloading = false;
    }
  }

  /** Binds what is new, then switches everything over in one synchronous step, then lets the old generation finish. */
  async #commit(next: Generation): Promise<void> {
    const old = this.#current;
    const bound: Listener[] = [];
    try {
      for (const server of next.servers()) {
        if (this.#reusable(server.address, server.options) !== undefined) continue;
        const place = next.plan.modules.find((module) => module.name === server.name)?.at;
        // The same address with other socket options: the old socket has to go first.
        void this.#listeners.get(server.address)?.stop();
        const listener = new Listener(server.address, server.options, this.#options.services.log, place);
        bound.push(listener);
        this.#listeners.set(server.address, listener);
      }
    } catch (error) {
      for (const listener of bound) {
        this.#listeners.delete(listener.address);
        await listener.stop();
      }
      await next.close(AbortSignal.timeout(0));
      throw error;
    }
    const released = this.#switchTo(next, old);
    this.#drain(old, released);
  }

  #reusable(address: string, options: ListenerOptions): Listener | undefined {
    const listener = this.#listeners.get(address);
    return listener !== undefined && sameSocket(listener.options, options) ? listener : undefined;
  }

  #switchTo(next: Generation, old: Generation | undefined): readonly Lease[] {
    const released: Lease[] = [];
    const used = new Set<string>();
    next.open();
    for (const server of next.servers()) {
      const lease = this.#listeners.get(server.address)?.swap(server.handle());
      if (lease !== undefined) released.push(lease);
      used.add(server.address);
    }
    this.#current = next;
    this.#number++;
    for (const [address, listener] of this.#listeners) {
      if (used.has(address)) continue;
      if (listener.lease !== undefined) released.push(listener.lease);
      this.#listeners.delete(address);
      this.#track(listener.stop());
    }
    if (old !== undefined) this.#options.services.log.info("Engine reloaded successfully — all services preserved");
    return released;
  }

  #drain(old: Generation | undefined, leases: readonly Lease[]): void {
    if (old === undefined) return;
    const deadline = AbortSignal.timeout(drainMs);
    const finish = async () => {
      // Triggers stop at once; modules stay until the requests that use them are answered.
      await Promise.all(leases.map((lease) => lease.idle(deadline)));
      for (const error of await old.close(deadline)) {
        this.#options.services.log.warn("Error while closing the old generation", { error: error.message });
      }
    };
    old.stopIntake();
    this.#track(finish());
  }

  #track(work: Promise<void>): void {
    this.#draining.add(work);
    void work.finally(() => this.#draining.delete(work));
  }

  /** Resolves when no old generation is left; for tests and shutdown. */
  async settled(): Promise<void> {
    await Promise.all(this.#draining);
  }

  /** Refuses new work, lets work in flight finish until the signal, then ends everything. */
  async close(deadline: AbortSignal): Promise<readonly WorkflowError[]> {
    this.#isClosed = true;
    await this.#queue.catch(() => {});
    this.#current?.stopIntake();
    const stopping = Promise.all([...this.#listeners.values()].map((listener) => listener.stop()));
    await Promise.race([stopping, aborted(deadline)]);
    const errors = (await this.#current?.close(deadline)) ?? [];
    await Promise.race([this.settled(), aborted(deadline)]);
    return errors;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function sameSocket(a: ListenerOptions, b: ListenerOptions): boolean {
  const key = (options: ListenerOptions) =>
    JSON.stringify([
      options.idleTimeoutMs,
      options.readTimeoutMs,
      options.writeTimeoutMs,
      options.bodyBytesMax,
      options.tls,
      options.trustedProxies,
    ]);
  return key(a) === key(b);
}

function wholeOf(config: Config): Node {
  const entries = new Map<string, { readonly keyAt: typeof config.root; readonly value: Node }>();
  const put = (key: string, value: Node | undefined) => {
    if (value !== undefined) entries.set(key, { keyAt: config.root, value });
  };
  put("modules", { kind: "list", at: config.root, items: config.modules });
  put("workflows", withoutIntegration(config));
  put("triggers", config.triggers);
  put("pipelines", config.pipelines);
  return { kind: "map", at: config.root, entries };
}

/** In `workflows.integration`, `${step.field}` is the section's own syntax. */
function withoutIntegration(config: Config): Node {
  const entries = new Map(config.workflows.entries);
  entries.delete("integration");
  return { ...emptyMap(config.workflows.at), entries };
}

function expandConfig(config: Config, values: ReadonlyMap<string, string>): Config {
  if (values.size === 0) return config;
  const map = <N extends Node>(node: N): N => expandNode(node, values) as N;
  return {
    ...config,
    modules: config.modules.map(map),
    workflows: map(config.workflows),
    triggers: map(config.triggers),
    pipelines: map(config.pipelines),
  };
}

function hashOf(config: Config): string {
  const hash = createHash("sha256");
  for (const file of config.files) hash.update(file.path).update("\0").update(file.text).update("\0");
  return hash.digest("hex");
}

function prefixedBuild(error: unknown): WorkflowError {
  const prefix = "failed to build workflow: ";
  return error instanceof ConfigErrors ? new ConfigErrors(error.problems, prefix) : prefixed(prefix, error);
}

function problemsOf(error: unknown): readonly WorkflowError[] {
  return error instanceof ConfigErrors ? error.problems : [asWorkflowError(error)];
}
