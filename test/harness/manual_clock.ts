import { type Clock, sleepWith } from "../../src/time/clock.ts";

interface ManualTimer {
  readonly dueAt: number;
  readonly fn: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  readonly #startMs: number;
  #nowMs: number;
  // In order of creation, which is the order of timers that are due together.
  readonly #timers = new Set<ManualTimer>();

  /** `startMs` is the wall time at first, in epoch milliseconds. */
  constructor(startMs = 0) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs - this.#startMs;
  }

  /** How many timers wait; zero when everything that used the clock has cleaned up. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  setTimeout(ms: number, fn: () => void): () => void {
    const timer: ManualTimer = { dueAt: this.#nowMs + Math.max(0, ms), fn };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return sleepWith((waitMs, fn) => this.setTimeout(waitMs, fn), ms, signal);
  }

  /**
   * Moves time forward and runs the timers that fall due, in order, each at its own time. What a timer wakes runs
   * before the next timer, and timers it sets run too if they fall due on the way.
   */
  async advance(ms: number): Promise<void> {
    const target = this.#nowMs + ms;
    await settle();
    for (let timer = this.#nextDue(target); timer !== undefined; timer = this.#nextDue(target)) {
      this.#timers.delete(timer);
      this.#nowMs = timer.dueAt;
      timer.fn();
      await settle();
    }
    this.#nowMs = target;
  }

  #nextDue(target: number): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= target && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  }
}

/** One turn of the event loop: every promise that can go on has gone on, however long the chain. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
