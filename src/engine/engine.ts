import { createHash } from "node:crypto";
import type { Config } from "../config/config.ts";
import { loadConfigText } from "../config/load.ts";
import type { Registry } from "../define/registry.ts";
import { asWorkflowError, ConfigErrors, inFileOrder, messageOf, prefixed, WorkflowError } from "../error/error.ts";
import { formatProblem } from "../error/format.ts";
import { makePlan, type Plan, type PlanOptions } from "../plan/plan.ts";
import { planStoredPipeline } from "../plan/stored_pipeline.ts";
import type { BuiltPipeline } from "../runtime/executor.ts";
import { drainMs, Generation, type InstanceSource, type ProcessServices } from "../runtime/generation.ts";
import { child } from "../schema/node.ts";
import { Deadline } from "../scope/deadline.ts";
import { concealText, concealValues, expandConfig, referencesOf } from "./expansion.ts";
import { ListenerSet, type PlacedServer, refuseSharedPorts, type Released } from "./listener_set.ts";
import { RunControl, withRuns } from "./run_control.ts";
import { PinnedResumer, storedConfigText } from "./run_resumer.ts";
import type { SecretResolver } from "./secrets.ts";
import { SharedInstances, throwawayInstances } from "./shared.ts";

/** What an engine needs of the process around it. */
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

/** Conditions on a change of configuration. */
export interface ApplyOptions {
  /** Refuses the change with 412 unless the running configuration has this hash when its turn comes. */
  readonly onlyIfHash?: ((hash: string) => boolean) | undefined;
}

/** The outcome of the last reload; `at` is in epoch milliseconds. */
export interface ReloadRecord {
  readonly at: number;
  readonly isOk: boolean;
  readonly error?: string;
}

/** A planned configuration and what its references stand for. */
interface Draft {
  readonly plan: Plan;
  readonly values: ReadonlyMap<string, string>;
  readonly warnings: readonly WorkflowError[];
}

/** Holds the running generation and replaces it. Listeners belong to the engine, so that a reload closes no socket. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #shared = new SharedInstances();
  readonly #listeners: ListenerSet;
  readonly #resumer: PinnedResumer | undefined;
  /** What people do with runs; undefined without a journal. */
  readonly runs: RunControl | undefined;
  /** What the references of the running configuration stand for, so that answers can leave it out. */
  #values: ReadonlyMap<string, string> = new Map();
  #current: Generation | undefined;
  #config: Config | undefined;
  #hash = "";
  #lastReload: ReloadRecord | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** Changes that run or wait; only one waits. */
  #pending = 0;
  #waiting: { isReplaced: boolean } | undefined;
  #draining = new Set<Promise<unknown>>();
  #isReloading = false;
  #isClosed = false;
  #number = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#listeners = new ListenerSet(options.services.log);
    const { journal } = options.services;
    if (journal === undefined) return;
    this.runs = new RunControl(journal, { current: () => this.#current, conceal: (text) => this.conceal(text) });
    const adopt = (name: string, definition: string, source: string) => this.#adopt(name, definition, source);
    this.#resumer = new PinnedResumer({ journal, current: () => this.#current, adopt });
  }

  get current(): Generation | undefined {
    return this.#current;
  }

  /** A text with `${…}` references in the place of what they stand for. */
  conceal(text: string): string {
    return concealText(text, this.#values);
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
    return this.#listeners.addresses();
  }

  /** Plans and builds a configuration, and throws the result away. */
  async check(config: Config): Promise<CheckResult> {
    let draft: Draft;
    try {
      draft = await this.#plan(config);
    } catch (error) {
      const warnings = error instanceof ConfigErrors ? error.warnings : config.warnings;
      return { errors: problemsOf(error), warnings: inFileOrder(warnings) };
    }
    try {
      const generation = this.#build(draft.plan, throwawayInstances);
      return { errors: [], warnings: inFileOrder([...draft.warnings, ...generation.warnings]) };
    } catch (error) {
      return { errors: problemsOf(concealValues(error, draft.values)), warnings: inFileOrder(draft.warnings) };
    }
  }

  /**
   * Replaces the running generation. Rejects with what is wrong and leaves the old one serving. Reloads run one after
   * the other; while one runs, a newer waiting one takes the place of an older waiting one, which fails with 409.
   */
  async apply(config: Config, options: ApplyOptions = {}): Promise<{ readonly warnings: readonly WorkflowError[] }> {
    const turn = { isReplaced: false };
    if (this.#pending > 0) {
      if (this.#waiting !== undefined) this.#waiting.isReplaced = true;
      this.#waiting = turn;
    }
    this.#pending++;
    const work = this.#queue.then(() => {
      if (this.#waiting === turn) this.#waiting = undefined;
      if (turn.isReplaced) throw new WorkflowError("management.conflict", "a newer reload took the place of this one");
      if (this.#isClosed) throw new WorkflowError("http.draining", "the server is shutting down");
      if (options.onlyIfHash?.(this.#hash) === false) throw staleError();
      return this.#replace(config);
    });
    // The queue only says when it is somebody's turn; who waits for `work` hears of its failure.
    const done = () => void this.#pending--;
    this.#queue = work.then(done, done);
    return work;
  }

  /** Builds the definition that unfinished runs were started with against the running configuration. */
  async #adopt(name: string, definition: string, source: string): Promise<BuiltPipeline> {
    const { secrets } = this.#options;
    const generation = this.#current;
    if (generation === undefined || this.#config === undefined) {
      throw new WorkflowError("run.blocked", "no configuration is running");
    }
    const stored = loadConfigText(storedConfigText(name, source), "stored definition", this.#config.configDir);
    const config = { ...this.#config, pipelines: stored.pipelines };
    using deadline = new Deadline(secretsTimeoutMs);
    const { values } = await secrets.resolve(referencesOf(config), deadline.signal);
    const expanded = expandConfig(config, values);
    const planned = planStoredPipeline(expanded, name, this.#planOptions());
    return generation.adopt(planned, definition);
  }

  #planOptions(): PlanOptions {
    const { registry, environment, readFile, workDir, address } = this.#options;
    return { registry, environment, readFile, workDir, address };
  }

  async #plan(config: Config): Promise<Draft> {
    const { secrets } = this.#options;
    using deadline = new Deadline(secretsTimeoutMs);
    const { values, warnings } = await secrets.resolve(referencesOf(config), deadline.signal);
    const expanded = expandConfig(config, values);
    try {
      const plan = makePlan(expanded, this.#planOptions());
      return { plan, values, warnings: [...warnings, ...plan.warnings] };
    } catch (error) {
      const failure = concealValues(error, values);
      if (!(failure instanceof ConfigErrors)) throw failure;
      throw new ConfigErrors(failure.problems, failure.prefix, [...warnings, ...failure.warnings]);
    }
  }

  #build(plan: Plan, instances: InstanceSource): Generation {
    const generation = new Generation(plan, withRuns(this.#options.services, this.runs), instances);
    refuseSharedPorts(placedServers(generation));
    if (this.#options.services.log.isDebug) this.#describe(generation);
    return generation;
  }

  #describe(generation: Generation): void {
    const { log } = this.#options.services;
    const { modules, pipelines } = generation.plan;
    for (const { name, type } of modules) log.debug(`Using factory for module type: ${type}`, { module: name });
    for (const name of generation.serviceNames()) log.debug(`Loaded service: ${name}`);
    for (const { name, steps } of pipelines) log.debug(`Configured pipeline: ${name} (${steps.length} steps)`);
  }

  /** Builds, starts and switches to what was planned; gives the warnings. */
  async #bringUp({ plan, warnings }: Draft): Promise<readonly WorkflowError[]> {
    const instances = this.#shared.source(plan.services);
    let next: Generation;
    try {
      next = await inContext(buildPrefix, () => this.#build(plan, instances));
      await inContext(startPrefix, () => next.start());
    } finally {
      await instances.release();
    }
    await this.#commit(next);
    return inFileOrder([...warnings, ...next.warnings]);
  }

  async #replace(config: Config): Promise<{ readonly warnings: readonly WorkflowError[] }> {
    const { clock } = this.#options.services;
    this.#isReloading = true;
    try {
      const draft = await inContext(buildPrefix, () => this.#plan(config));
      const warnings = await this.#bringUp(draft).catch((error: unknown) => {
        throw concealValues(error, draft.values);
      });
      this.#config = config;
      this.#values = draft.values;
      this.#hash = hashOf(config);
      this.#lastReload = { at: clock.now(), isOk: true };
      return { warnings };
    } catch (error) {
      this.#lastReload = { at: clock.now(), isOk: false, error: messageOf(error) };
      if (this.#current !== undefined) this.#logFailure(error);
      throw error;
    } finally {
      this.#isReloading = false;
    }
  }

  #logFailure(error: unknown): void {
    const { log } = this.#options.services;
    const problems = problemsOf(error);
    for (const problem of problems.slice(0, loggedProblemsMax)) {
      log.error("Config reload failed", { error: formatProblem(problem), code: problem.code });
    }
    if (problems.length > loggedProblemsMax) {
      log.error("Config reload failed", { error: `${problems.length - loggedProblemsMax} more problems` });
    }
  }

  /** Binds what is new and switches everything over in one synchronous step, then lets the old generation finish. */
  async #commit(next: Generation): Promise<void> {
    const old = this.#current;
    let released: Released;
    try {
      released = this.#switchTo(next);
    } catch (error) {
      await next.close(AbortSignal.timeout(0));
      throw error;
    }
    this.#track(released.stopped);
    if (this.#resumer !== undefined) this.#connect(this.#resumer);
    if (old === undefined) return;
    this.#options.services.log.info("Engine reloaded successfully — all services preserved");
    this.#drain(old, released);
  }

  /** The configuration runs, whatever becomes of runs that wait for it. */
  #connect(resumer: PinnedResumer): void {
    const { journal, log } = this.#options.services;
    const work = journal?.connect(resumer).catch((error: unknown) => {
      log.error("Blocked runs could not be taken up", { error: messageOf(error) });
    });
    if (work !== undefined) this.#track(work);
  }

  /** No `await`: no request and no message sees half of it. What fails in between is undone. */
  #switchTo(next: Generation): Released {
    const servers = placedServers(next);
    const preparation = this.#listeners.prepare(servers);
    try {
      next.open();
    } catch (error) {
      this.#listeners.takeBack(preparation);
      throw prefixed(startPrefix, error, "start.failed");
    }
    const released = this.#listeners.switchTo(servers, preparation);
    this.#current = next;
    this.#number++;
    return released;
  }

  #drain(old: Generation, { leases }: Released): void {
    const finish = async () => {
      using deadline = new Deadline(drainMs);
      // Triggers stop at once; modules stay until the requests that use them are answered.
      await Promise.all(leases.map((lease) => lease.idle(deadline.signal)));
      for (const error of await old.close(deadline.signal)) {
        this.#options.services.log.warn("Error while closing the old generation", { error: error.message });
      }
    };
    old.stopIntake();
    this.#track(finish());
  }

  #track(work: Promise<unknown>): void {
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
    await Promise.race([this.#queue, aborted(deadline)]);
    this.#current?.stopIntake();
    await Promise.race([this.#listeners.stop(), aborted(deadline)]);
    const errors = (await this.#current?.close(deadline)) ?? [];
    await Promise.race([this.settled(), aborted(deadline)]);
    if (!deadline.aborted) return errors;
    await this.#listeners.abort();
    return [...errors, new WorkflowError("run.timeout", "work in flight did not finish in time and was ended")];
  }
}

const buildPrefix = "failed to build workflow: ";
const startPrefix = "failed to start workflow engine: ";

/** Time for asking the providers of `${…}` values, in milliseconds. */
const secretsTimeoutMs = 30_000;

/** Problems of one failed reload that are logged. */
const loggedProblemsMax = 20;

/** Says in front of a failure what was being done. */
async function inContext<T>(prefix: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw prefixed(prefix, error);
  }
}

function staleError(): WorkflowError {
  const hint = "read the status again and repeat the change on the current configuration";
  const text = "the running configuration is not the one that If-Match names";
  return new WorkflowError("management.stale", text, { hint });
}

/** The servers of a generation with the places of their addresses. */
function placedServers(generation: Generation): readonly PlacedServer[] {
  return generation.servers().map((server) => {
    if (server.at !== undefined) return { server, title: server.name, at: server.at };
    const module = generation.plan.modules.find(({ name }) => name === server.name);
    const title = `http.server "${server.name}"`;
    return { server, title, at: child(module?.node, "address")?.at ?? module?.at };
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function hashOf(config: Config): string {
  const hash = createHash("sha256");
  for (const file of config.files) hash.update(file.path).update("\0").update(file.text).update("\0");
  return hash.digest("hex");
}

function problemsOf(error: unknown): readonly WorkflowError[] {
  return error instanceof ConfigErrors ? error.problems : [asWorkflowError(error)];
}
