import { messageOf, WorkflowError } from "../error/error.ts";
import type { Logger } from "../log/logger.ts";

/** Runs of one pipeline in flight that nobody waits for. Guessed: memory for them stays in the tens of megabytes. */
export const detachedRunsMax = 1000;

/** Owns the runs that nobody waits for: they outlive the request that started them, not the generation. */
export class DetachedRuns {
  readonly #pipeline: string;
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();

  constructor(pipeline: string, log: Logger) {
    this.#pipeline = pipeline;
    this.#log = log;
  }

  /** Starts a run. Throws `run.too_many` when too many are in flight. */
  start(run: (signal: AbortSignal) => Promise<unknown>): void {
    if (this.#running.size >= detachedRunsMax) {
      const text = `pipeline "${this.#pipeline}" has ${detachedRunsMax} asynchronous runs in flight`;
      throw new WorkflowError("run.too_many", text);
    }
    const work = this.#guard(run);
    this.#running.add(work);
    void work.then(() => this.#running.delete(work));
  }

  async #guard(run: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    try {
      await run(this.#abort.signal);
    } catch (error) {
      this.#log.error("Asynchronous run failed", { error: messageOf(error) });
    }
  }

  /** Waits for the runs in flight until the deadline, then cancels what is left. */
  async drain(deadline: AbortSignal): Promise<void> {
    const late = new Promise<void>((resolve) => {
      if (deadline.aborted) resolve();
      else deadline.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([Promise.all(this.#running), late]);
    this.#abort.abort(new WorkflowError("run.cancelled", "the server is shutting down"));
  }
}
