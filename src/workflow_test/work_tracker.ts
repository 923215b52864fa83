import { AsyncLocalStorage } from "node:async_hooks";

/** A step that runs. */
interface Work {
  readonly parent: Work | undefined;
  /** Waits for the virtual clock in it, or in what it has called. */
  sleeps: number;
}

/** Turns of the event loop without news after which everything waits. Measured: a durable step needs three. */
const quietTurns = 12;

/** Knows which steps run, and whether they wait for the clock or for the world. */
export class WorkTracker {
  readonly #storage = new AsyncLocalStorage<Work>();
  readonly #running = new Set<Work>();
  #news = 0;

  /** Says that something has happened. */
  note(): void {
    this.#news++;
  }

  /** Runs a step. One that only runs other steps is not counted: they are. */
  async run<T>(role: "step" | "frame", task: () => Promise<T>): Promise<T> {
    const work: Work = { parent: this.#storage.getStore(), sleeps: 0 };
    if (role === "step") this.#running.add(work);
    this.#news++;
    try {
      return await this.#storage.run(work, task);
    } finally {
      this.#running.delete(work);
      this.#news++;
    }
  }

  /** Waits for the virtual clock in the step that runs now. */
  async asleep(wait: () => Promise<void>): Promise<void> {
    const own = this.#storage.getStore();
    for (let work = own; work !== undefined; work = work.parent) work.sleeps++;
    try {
      await wait();
    } finally {
      for (let work = own; work !== undefined; work = work.parent) work.sleeps--;
      this.#news++;
    }
  }

  /** Whether a step waits for something that is not the virtual clock. */
  get isBusy(): boolean {
    for (const work of this.#running) if (work.sleeps === 0) return true;
    return false;
  }

  /** Resolves when nothing has happened for a few turns of the event loop. */
  async quiet(): Promise<void> {
    let seen = this.#news;
    for (let turns = 0; turns < quietTurns; turns++) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      if (seen !== this.#news) turns = 0;
      seen = this.#news;
    }
  }
}
