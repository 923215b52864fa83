import type { Clock } from "../../time/clock.ts";

/** Looks at the wall clock at least this often, in milliseconds: it may be set forward. */
const lookMs = 1000;

/** What a waker asks and does. */
export interface WakerOptions {
  readonly clock: Clock;
  /** Claims runs that are due, at most `limit`, and starts them; gives how many. */
  claim(limit: number): Promise<number>;
  /** When the next run is due, in epoch milliseconds; undefined when none waits. */
  nextDue(): Promise<number | undefined>;
  /** How many runs may be started now. */
  room(): number;
  onError(error: unknown): void;
}

/** Wakes runs when they are due. Knows only the next time; the runs themselves are in the store. */
export class Waker {
  readonly #options: WakerOptions;
  #dueAt = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #isBusy = false;
  #isEnded = false;

  constructor(options: WakerOptions) {
    this.#options = options;
  }

  /** Says that a run is due at a time. */
  expect(dueAtMs: number): void {
    if (dueAtMs >= this.#dueAt || this.#isEnded) return;
    this.#dueAt = dueAtMs;
    this.#arm();
  }

  /** Looks at once, because there may be room again or the store has changed. */
  look(): void {
    this.expect(this.#options.clock.now());
  }

  end(): void {
    this.#isEnded = true;
    this.#cancel?.();
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#isEnded || this.#isBusy || this.#dueAt === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#options;
    const waitMs = Math.max(0, Math.min(this.#dueAt - clock.now(), lookMs));
    this.#cancel = clock.setTimeout(waitMs, () => void this.#turn());
  }

  async #turn(): Promise<void> {
    const { clock, claim, nextDue, room, onError } = this.#options;
    if (this.#isBusy || this.#isEnded) return;
    if (clock.now() < this.#dueAt) {
      this.#arm();
      return;
    }
    this.#isBusy = true;
    this.#dueAt = Number.POSITIVE_INFINITY;
    try {
      const limit = Math.min(room(), claimMax);
      // Without room, the next run that ends looks again.
      if (limit > 0) {
        const claimed = await claim(limit);
        const next = claimed === limit ? clock.now() : await nextDue();
        // After a claim that left nothing over, those that become due soon after are claimed together. What is due and
        // was not claimed belongs to a pipeline that has its share: looking again at once would keep the store busy.
        const isSooner = claimed === limit || (claimed === 0 && next !== undefined && next > clock.now());
        const soonest = isSooner ? 0 : clock.now() + gatherMs;
        if (next !== undefined) this.#dueAt = Math.min(this.#dueAt, Math.max(next, soonest));
      }
    } catch (error) {
      onError(error);
      this.#dueAt = clock.now() + lookMs;
    } finally {
      this.#isBusy = false;
      this.#arm();
    }
  }
}

/** Time between two claims, in milliseconds: each is a transaction of its own, and a run may wake this much late. */
const gatherMs = 10;

/** Runs that are claimed at once. */
const claimMax = 200;
