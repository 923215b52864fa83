import { WorkflowError } from "../../error/error.ts";
import type { StateMachineInstance } from "../../port/statemachine.ts";
import type { Clock } from "../../time/clock.ts";

/** Bounds of an instance store. */
export interface InstanceStoreOptions {
  readonly clock: Clock;
  /** Most instances kept; finished ones make room for new ones. */
  readonly instancesMax: number;
  /** Time for which finished instances are remembered, in milliseconds. */
  readonly finishedMs: number;
}

/** The instances of an engine in memory. */
export class InstanceStore {
  readonly #options: InstanceStoreOptions;
  readonly #instances = new Map<string, StateMachineInstance>();
  /** When each finished instance ended, in the order of their ends. */
  readonly #finished = new Map<string, number>();

  constructor(options: InstanceStoreOptions) {
    this.#options = options;
  }

  get size(): number {
    this.#forgetExpired();
    return this.#instances.size;
  }

  get(id: string): StateMachineInstance | undefined {
    this.#forgetExpired();
    return this.#instances.get(id);
  }

  /** In the order in which they were created. */
  all(): readonly StateMachineInstance[] {
    this.#forgetExpired();
    return [...this.#instances.values()];
  }

  /** Adds an instance, in place of one with the same id. Throws `module.failed` when all that are kept still run. */
  add(instance: StateMachineInstance): void {
    this.#forgetExpired();
    const { instancesMax } = this.#options;
    if (!this.#instances.has(instance.id) && this.#instances.size >= instancesMax) this.#makeRoom(instancesMax);
    this.#finished.delete(instance.id);
    this.#instances.delete(instance.id);
    this.#instances.set(instance.id, instance);
    this.settle(instance);
  }

  /** Notes whether an instance has ended, after it has moved. */
  settle({ id, completed }: StateMachineInstance): void {
    this.#finished.delete(id);
    if (completed) this.#finished.set(id, this.#options.clock.now());
  }

  #makeRoom(instancesMax: number): void {
    const [oldest] = this.#finished.keys();
    if (oldest === undefined) {
      const text = `maximum concurrent instances (${instancesMax}) reached`;
      throw new WorkflowError("module.failed", text, { status: 503 });
    }
    this.#forget(oldest);
  }

  #forgetExpired(): void {
    const until = this.#options.clock.now() - this.#options.finishedMs;
    for (const [id, endedAt] of this.#finished) {
      if (endedAt > until) return;
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    this.#finished.delete(id);
    this.#instances.delete(id);
  }
}
