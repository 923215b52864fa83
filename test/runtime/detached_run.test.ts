import { expect, test } from "bun:test";
import { silentLogger } from "../../src/log/logger.ts";
import { DetachedRuns, detachedRunsMax } from "../../src/runtime/detached_run.ts";

test("draining waits for the runs in flight", async () => {
  const runs = new DetachedRuns("p", silentLogger);
  const gate = Promise.withResolvers<void>();
  let isDone = false;
  runs.start(async () => {
    await gate.promise;
    isDone = true;
  });
  const drained = runs.drain(new AbortController().signal);
  gate.resolve();
  await drained;
  expect(isDone).toBe(true);
});

test("at the deadline what is left is cancelled", async () => {
  const runs = new DetachedRuns("p", silentLogger);
  const cancelled = Promise.withResolvers<unknown>();
  runs.start(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          cancelled.resolve(signal.reason);
          reject(signal.reason);
        });
      }),
  );
  await runs.drain(AbortSignal.abort());
  expect(await cancelled.promise).toMatchObject({ code: "run.cancelled" });
});

test("more runs than the limit are refused, until one has ended", async () => {
  const runs = new DetachedRuns("p", silentLogger);
  const gate = Promise.withResolvers<void>();
  for (let turn = 0; turn < detachedRunsMax; turn++) runs.start(() => gate.promise);
  expect(() => runs.start(() => gate.promise)).toThrow('pipeline "p" has 1000 asynchronous runs in flight');
  gate.resolve();
  await runs.drain(new AbortController().signal);
  expect(() => runs.start(() => gate.promise)).not.toThrow();
});
