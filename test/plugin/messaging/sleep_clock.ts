import { ManualClock } from "../../harness/manual_clock.ts";

/** A clock that tells when somebody goes to sleep, for work whose other waits are real. */
export class SleepClock extends ManualClock {
  /** How long each sleep is, in milliseconds, in the order in which they began. */
  readonly sleeps: number[] = [];

  override sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.sleeps.push(ms);
    return super.sleep(ms, signal);
  }

  /** Resolves when there have been so many sleeps. */
  async asleep(count: number): Promise<void> {
    while (this.sleeps.length < count) await this.advance(0);
  }

  /** Waits for the sleep of that number, counted from 1, and moves time to its end. */
  async wake(number: number): Promise<void> {
    await this.asleep(number);
    await this.advance(this.sleeps[number - 1] ?? 0);
  }
}
