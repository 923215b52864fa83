import { expect, test } from "bun:test";
import type { Clock } from "../../src/time/clock.ts";
import { parseCron } from "../../src/time/cron.ts";
import { ManualClock } from "../harness/manual_clock.ts";
import { startTicker } from "../../src/time/ticker.ts";

const midnight = Date.UTC(2026, 0, 1);

test("ticks at the times of the expression and at no other", async () => {
  const clock = new ManualClock(midnight + 30_000);
  const ticks: string[] = [];
  startTicker(clock, parseCron("*/20 * * * *", "UTC"), (dueMs) => void ticks.push(new Date(dueMs).toISOString()));
  await clock.advance(3_600_000);
  expect(ticks).toEqual(["2026-01-01T00:20:00.000Z", "2026-01-01T00:40:00.000Z", "2026-01-01T01:00:00.000Z"]);
});

test("no timer is left after it was stopped", async () => {
  const clock = new ManualClock(midnight);
  const ticks: number[] = [];
  const stop = startTicker(clock, parseCron("* * * * *", "UTC"), (dueMs) => void ticks.push(dueMs));
  await clock.advance(60_000);
  stop();
  await clock.advance(600_000);
  expect(ticks).toEqual([midnight + 60_000]);
  expect(clock.pendingTimers).toBe(0);
});

/** A machine that sleeps: its timers stand still while the wall clock goes on. */
function sleepy(clock: ManualClock): { readonly clock: Clock; sleep(ms: number): void } {
  let sleptMs = 0;
  return {
    clock: { ...wrap(clock), now: () => clock.now() + sleptMs },
    sleep: (ms) => void (sleptMs += ms),
  };
}

function wrap(clock: ManualClock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimeout: (ms, fn) => clock.setTimeout(ms, fn),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}

test("ticks that were missed while the machine slept are not made up for, and the next one is in time", async () => {
  const manual = new ManualClock(midnight);
  const { clock, sleep } = sleepy(manual);
  const ticks: string[] = [];
  startTicker(clock, parseCron("0 * * * *", "UTC"), (dueMs) => void ticks.push(new Date(dueMs).toISOString()));
  await manual.advance(60_000);
  sleep(3 * 3_600_000);
  await manual.advance(3_600_000);
  expect(ticks).toEqual(["2026-01-01T04:00:00.000Z"]);
});
