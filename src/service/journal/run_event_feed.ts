import type { RunEvent, RunFeed } from "../../port/run_feed.ts";

/** Passes on what happens in runs. Steps are told when they happen, which may be before they are committed. */
export class RunEventFeed implements RunFeed {
  readonly #listeners = new Set<{ readonly on: (event: RunEvent) => void }>();

  /** True when nobody listens: then no event is made. */
  get isIdle(): boolean {
    return this.#listeners.size === 0;
  }

  subscribe(listener: (event: RunEvent) => void): () => void {
    const entry = { on: listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit(event: RunEvent): void {
    for (const { on } of this.#listeners) on(event);
  }
}
