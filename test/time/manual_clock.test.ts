import { expect, test } from "bun:test";
import { ManualClock } from "../harness/manual_clock.ts";

test("time stands still until it is moved", async () => {
  const clock = new ManualClock(1_000);
  expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
  await clock.advance(250);
  expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250]);
});

test("timers run in the order they fall due, each at its own time", async () => {
  const clock = new ManualClock();
  const log: [string, number][] = [];
  clock.setTimeout(30, () => log.push(["late", clock.now()]));
  clock.setTimeout(10, () => log.push(["first", clock.now()]));
  clock.setTimeout(10, () => log.push(["second", clock.now()]));
  clock.setTimeout(31, () => log.push(["too late", clock.now()]));
  await clock.advance(30);
  expect(log).toEqual([
    ["first", 10],
    ["second", 10],
    ["late", 30],
  ]);
  expect(clock.pendingTimers).toBe(1);
});

test("a timer set on the way runs if it falls due on the way", async () => {
  const clock = new ManualClock();
  const times: number[] = [];
  const tick = (): void => {
    times.push(clock.now());
    clock.setTimeout(10, tick);
  };
  clock.setTimeout(10, tick);
  await clock.advance(35);
  expect(times).toEqual([10, 20, 30]);
});

test("what a timer wakes goes on before time moves further", async () => {
  const clock = new ManualClock();
  const { signal } = new AbortController();
  const times: number[] = [];
  const work = (async () => {
    for (let round = 0; round < 3; round++) {
      await clock.sleep(10, signal);
      await Promise.resolve().then(() => undefined);
      times.push(clock.now());
    }
  })();
  await clock.advance(100);
  await work;
  expect(times).toEqual([10, 20, 30]);
});

test("advancing by nothing runs what is due already", async () => {
  const clock = new ManualClock();
  const log: string[] = [];
  clock.setTimeout(-5, () => log.push("ran"));
  expect(log).toEqual([]);
  await clock.advance(0);
  expect(log).toEqual(["ran"]);
});

test("a cancelled timer does not run", async () => {
  const clock = new ManualClock();
  const cancel = clock.setTimeout(10, () => expect.unreachable());
  cancel();
  await clock.advance(20);
  expect(clock.pendingTimers).toBe(0);
});

test("a timer can cancel another that is due at the same time", async () => {
  const clock = new ManualClock();
  const log: string[] = [];
  clock.setTimeout(10, () => {
    log.push("first");
    cancel();
  });
  const cancel = clock.setTimeout(10, () => log.push("second"));
  await clock.advance(10);
  expect(log).toEqual(["first"]);
});

/** Counts the listeners that stay on a signal. */
function countListeners(signal: AbortSignal): () => number {
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--;
    remove(...args);
  };
  return () => count;
}

test("a sleep that ends leaves no timer and no listener", async () => {
  const clock = new ManualClock();
  const { signal } = new AbortController();
  const listeners = countListeners(signal);
  const slept = clock.sleep(10, signal);
  expect([listeners(), clock.pendingTimers]).toEqual([1, 1]);
  await clock.advance(10);
  expect(await slept).toBeUndefined();
  expect([listeners(), clock.pendingTimers]).toEqual([0, 0]);
});

test("a sleep rejects with the signal's reason and leaves no timer", async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const slept = clock.sleep(10, controller.signal);
  const reason = new Error("stopped");
  controller.abort(reason);
  expect(await slept.catch((thrown: unknown) => thrown)).toBe(reason);
  expect(clock.pendingTimers).toBe(0);
});

test("a sleep on an aborted signal rejects at once and starts nothing", async () => {
  const clock = new ManualClock();
  const slept = clock.sleep(10, AbortSignal.abort("before"));
  expect(clock.pendingTimers).toBe(0);
  expect(await slept.catch((thrown: unknown) => thrown)).toBe("before");
});
