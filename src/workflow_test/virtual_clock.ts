import { type Clock, sleepWith } from "../time/clock.ts";
import type { WorkTracker } from "./work_tracker.ts";

/** `start`: made before the server accepted work, such as schedules. `journal`: looks for runs that are due. */
type TimerKind = "start" | "work" | "journal";

interface Timer {
  readonly dueAt: number;
  readonly fn: () => void;
  readonly kind: TimerKind;
}

/**
 * A clock that stands still until somebody moves it. Timers from before `beginWork` never fire: schedules, polls and
 * cleanups are no part of a test.
 */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  readonly #work: WorkTracker;
  readonly #timers = new Set<Timer>();
  #nowMs: number;
  #kind: TimerKind = "start";

  constructor(startMs: number, work: WorkTracker) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
    this.#work = work;
  }

  now(): number {
    return Math.floor(this.#nowMs);
  }

  monotonic(): number {
    return this.#nowMs - this.#startMs;
  }

  setTimeout(ms: number, fn: () => void): () => void {
    return this.#start(ms, fn, this.#kind);
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#work.asleep(() => sleepWith((waitMs, fn) => this.setTimeout(waitMs, fn), ms, signal));
  }

  /** The same time for the journal, whose timers only make it look. */
  forJournal(): Clock {
    const start: Clock["setTimeout"] = (ms, fn) => this.#start(ms, fn, "journal");
    return {
      now: () => this.now(),
      monotonic: () => this.monotonic(),
      setTimeout: start,
      sleep: (ms, signal) => sleepWith(start, ms, signal),
    };
  }

  /** From now on, timers belong to the test. */
  beginWork(): void {
    this.#kind = "work";
  }

  /** When the next timer of the test is due. */
  nextDue(): number | undefined {
    let next: number | undefined;
    for (const { kind, dueAt } of this.#timers) {
      if (kind === "work" && (next === undefined || dueAt < next)) next = dueAt;
    }
    return next;
  }

  /** Moves time forward; never back. */
  moveTo(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }

  /** Fires the timers that are due, the earliest first; whether there were any. */
  fireDue(): boolean {
    const due = [...this.#timers].filter(({ kind, dueAt }) => kind !== "start" && dueAt <= this.#nowMs);
    due.sort((a, b) => a.dueAt - b.dueAt);
    for (const timer of due) {
      // One of them may have cancelled another.
      if (this.#timers.delete(timer)) timer.fn();
    }
    return due.length > 0;
  }

  #start(ms: number, fn: () => void, kind: TimerKind): () => void {
    const timer: Timer = { dueAt: this.#nowMs + Math.max(0, ms), fn, kind };
    this.#timers.add(timer);
    this.#work.note();
    return () => void this.#timers.delete(timer);
  }
}
