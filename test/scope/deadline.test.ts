import { expect, test } from "bun:test";
import { Deadline } from "../../src/scope/deadline.ts";

test("the signal is aborted when the time has passed", async () => {
  using deadline = new Deadline(1);
  expect(deadline.signal.aborted).toBe(false);
  await new Promise<void>((resolve) => {
    deadline.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  expect(deadline.signal.reason).toMatchObject({ code: "run.timeout", message: "not finished within 1 ms" });
});

test("one that was given back is never aborted", async () => {
  const given = new Deadline(1);
  given[Symbol.dispose]();
  using later = new Deadline(20);
  await new Promise<void>((resolve) => {
    later.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  expect(given.signal.aborted).toBe(false);
});
