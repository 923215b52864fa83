import { expect, test } from "bun:test";
import { WorkflowError } from "../../../src/error/error.ts";
import { TurnQueue } from "../../../src/plugin/statemachine/turn_queue.ts";
import { ManualClock } from "../../harness/manual_clock.ts";

const late = () => new WorkflowError("run.timeout", "too late");

test("turns are given in the order they were asked for, each key for itself", async () => {
  const queue = new TurnQueue(new ManualClock());
  const order: string[] = [];
  const noted = async (name: string): Promise<void> => {
    const end = await queue.take("a");
    order.push(name);
    end();
  };
  const endFirst = await queue.take("a");
  const second = noted("second");
  const third = noted("third");
  const endOther = await queue.take("b");
  order.push("first ends");
  endFirst();
  endFirst();
  await Promise.all([second, third]);
  expect(order).toEqual(["first ends", "second", "third"]);
  endOther();
});

test("who waits too long gives up, and the others keep their places", async () => {
  const clock = new ManualClock();
  const queue = new TurnQueue(clock);
  const end = await queue.take("a");
  const impatient = queue.take("a", { ms: 10, onLate: late }).then(
    () => "got it",
    (error: Error) => error.message,
  );
  const patient = queue.take("a", { ms: 20, onLate: late });
  await clock.advance(10);
  expect(await impatient).toBe("too late");
  end();
  (await patient)();
  expect(clock.pendingTimers).toBe(0);
  expect(await queue.take("a")).toBeFunction();
});

test("a thousand may wait for a key and no more", async () => {
  const queue = new TurnQueue(new ManualClock());
  await queue.take("a");
  for (let index = 0; index < 1000; index++) void queue.take("a");
  await expect(queue.take("a")).rejects.toMatchObject({
    code: "message.queue_full",
    message: "more than 1000 callers wait for 'a'",
  });
});
