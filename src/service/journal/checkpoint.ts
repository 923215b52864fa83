import type { Checkpoint } from "../../port/frame.ts";
import type { RunWriter } from "./run_writer.ts";

/** Parts of one step that may wait for their commit at the same time; a crash repeats them. */
const uncommittedMax = 64;

/** Keeps the results of the parts of one step. */
export class StepCheckpoint implements Checkpoint {
  readonly #done: Map<number, Record<string, unknown>>;
  readonly #writer: RunWriter;
  readonly #seq: number;
  readonly #pending = new Set<Promise<void>>();

  constructor(writer: RunWriter, seq: number, done: ReadonlyMap<number, Record<string, unknown>>) {
    this.#writer = writer;
    this.#seq = seq;
    this.#done = new Map(done);
  }

  get done(): ReadonlyMap<number, Record<string, unknown>> {
    return this.#done;
  }

  save(index: number, output: Record<string, unknown>): Promise<void> | undefined {
    // A step that is tried again in this process does not repeat it either.
    this.#done.set(index, output);
    const commit = this.#writer.item(this.#seq, index, output);
    this.#pending.add(commit);
    // Who waits for room, or for the step, hears of a failure.
    void commit.then(
      () => this.#pending.delete(commit),
      () => undefined,
    );
    return this.#pending.size < uncommittedMax ? undefined : Promise.race(this.#pending);
  }

  /** Resolves when everything is committed. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
