import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { systemClock } from "../../src/time/clock.ts";

const dayMs = 86_400_000;

function advanceDays(days: number): void {
  for (let day = 0; day < days; day++) jest.advanceTimersByTime(dayMs);
}

describe("with the runtime's timers held", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("a timer runs once, when it is due", () => {
    const calls: string[] = [];
    systemClock.setTimeout(1_000, () => calls.push("ran"));
    jest.advanceTimersByTime(999);
    expect(calls).toEqual([]);
    jest.advanceTimersByTime(10_000);
    expect(calls).toEqual(["ran"]);
  });

  test("a cancelled timer does not run", () => {
    const calls: string[] = [];
    const cancel = systemClock.setTimeout(1_000, () => calls.push("ran"));
    cancel();
    cancel();
    jest.advanceTimersByTime(2_000);
    expect(calls).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("a timer of 60 days is cut into links the runtime can hold", () => {
    const calls: string[] = [];
    systemClock.setTimeout(60 * dayMs, () => calls.push("ran"));
    advanceDays(59);
    expect(calls).toEqual([]);
    expect(jest.getTimerCount()).toBe(1);
    advanceDays(1);
    expect(calls).toEqual(["ran"]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("a long timer can be cancelled in its second link", () => {
    const cancel = systemClock.setTimeout(60 * dayMs, () => expect.unreachable());
    advanceDays(30);
    cancel();
    expect(jest.getTimerCount()).toBe(0);
  });

  test("an aborted sleep leaves no timer", async () => {
    const controller = new AbortController();
    const slept = systemClock.sleep(60_000, controller.signal);
    expect(jest.getTimerCount()).toBe(1);
    controller.abort("enough");
    expect(jest.getTimerCount()).toBe(0);
    expect(await slept.catch((reason: unknown) => reason)).toBe("enough");
  });
});

test("the monotonic time does not go back", () => {
  const first = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
});

test("now is the wall time", () => {
  const before = Date.now();
  const now = systemClock.now();
  expect(now).toBeWithin(before, Date.now() + 1);
});

test("a sleep ends", async () => {
  expect(await systemClock.sleep(1, new AbortController().signal)).toBeUndefined();
});
