import { expect, test } from "bun:test";
import { Waker } from "../../../src/service/journal/waker.ts";
import { ManualClock } from "../../harness/manual_clock.ts";

function waking(claim: () => number, nextDue: () => number | undefined) {
  const clock = new ManualClock(1000);
  const claims: number[] = [];
  const waker = new Waker({
    clock,
    claim: () => {
      claims.push(clock.now());
      return Promise.resolve(claim());
    },
    nextDue: () => Promise.resolve(nextDue()),
    room: () => 10,
    onError: (error) => {
      throw error;
    },
  });
  return { clock, claims, waker };
}

test("runs that are due and cannot be claimed are looked for every 10 ms, and not in between", async () => {
  const { clock, claims, waker } = waking(
    () => 0,
    () => 900,
  );
  waker.look();
  await clock.advance(100);
  expect(claims).toHaveLength(11);
  waker.end();
});

test("a run that is due soon after an empty claim is not late", async () => {
  const due = [1003];
  const { clock, claims, waker } = waking(
    () => (clock.now() >= 1003 ? Number(due.pop() !== undefined) : 0),
    () => due[0],
  );
  waker.look();
  await clock.advance(100);
  expect(claims.slice(0, 2)).toEqual([1000, 1003]);
  waker.end();
});
