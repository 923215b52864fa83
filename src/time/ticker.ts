import type { Clock } from "./clock.ts";
import type { Cron } from "./cron.ts";

/**
 * Longest time between two looks at the wall clock. A machine that slept, or whose clock was set, is noticed within it;
 * a tick that is later than this counts as missed.
 */
const lookMs = 60_000;

/**
 * Calls `onTick` with the epoch milliseconds of each tick of a schedule, until the returned function is called. Missed
 * ticks are not made up for. `onTick` must not throw.
 */
export function startTicker(clock: Clock, cron: Cron, onTick: (dueMs: number) => void): () => void {
  let cancel = (): void => {};
  const wait = (dueMs: number): void => {
    cancel = clock.setTimeout(Math.min(Math.max(0, dueMs - clock.now()), lookMs), () => look(dueMs));
  };
  const look = (dueMs: number): void => {
    const lateMs = clock.now() - dueMs;
    if (lateMs < 0) return wait(dueMs);
    arm();
    if (lateMs <= lookMs) onTick(dueMs);
  };
  const arm = (): void => {
    const dueMs = cron.next(clock.now());
    if (dueMs !== undefined) wait(dueMs);
  };
  arm();
  return () => cancel();
}
