/** Counts asynchronous work, so that an end can wait for what has begun. */
export class InFlight {
  readonly #running = new Set<Promise<unknown>>();

  get size(): number {
    return this.#running.size;
  }

  /** Runs a piece of work and gives its result; the work counts until it has ended. */
  run<T>(work: () => T | Promise<T>): T | Promise<T> {
    const result = work();
    if (!(result instanceof Promise)) return result;
    const ended = result.then(
      () => void this.#running.delete(ended),
      // The failure belongs to whoever asked for the work; here it only means that the work has ended.
      () => void this.#running.delete(ended),
    );
    this.#running.add(ended);
    return result;
  }

  /** Resolves when nothing is under way, or when the signal aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#running.size === 0) return;
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([Promise.all(this.#running), aborted]);
  }
}
