import { expect, test } from "bun:test";
import { untilAborted } from "../../src/net/until_aborted.ts";

test("the outcome of the work is given when it comes first", async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(Promise.resolve(5), signal)).toBe(5);
  await expect(untilAborted(Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
});

test("the signal ends the waiting with its reason, also when it was aborted before", async () => {
  const controller = new AbortController();
  const waiting = untilAborted(new Promise(() => {}), controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await expect(untilAborted(new Promise(() => {}), controller.signal)).rejects.toThrow("enough");
});
