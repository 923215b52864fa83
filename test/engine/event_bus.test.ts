import { expect, test } from "bun:test";
import { ProcessEventBus } from "../../src/engine/event_bus.ts";
import { Logger, LoggerCore, type LogRecord } from "../../src/log/logger.ts";

function busWithLog() {
  const records: LogRecord[] = [];
  return {
    bus: new ProcessEventBus(new Logger(new LoggerCore("info", [(record) => void records.push(record)]))),
    records,
  };
}

test.each([
  ["orders.created", "orders.created", true],
  ["orders.created", "orders.create", false],
  ["orders.*", "orders.created", true],
  ["orders.*", "orders.created.eu", true],
  ["orders.*", "orders", false],
  ["*.created", "orders.created", true],
  ["*.created", "a.orders.created", false],
  ["orders.*.eu", "orders.created.eu", true],
  ["orders.*.eu", "orders.a.b.eu", false],
  ["orders.**", "orders.a.b", true],
  ["**.eu", "a.b.eu", true],
  ["*", "anything.at.all", true],
  ["a+b.*", "a+b.c", true],
  ["a.b*", "a.bc", false],
])("a subscriber of %s hears %s: %p", async (topic, published, expected) => {
  const { bus } = busWithLog();
  const heard: unknown[] = [];
  bus.subscribe({ topic, onEvent: (name, payload) => void heard.push([name, payload]) });
  expect(bus.hasSubscribers(published)).toBe(expected);
  await bus.publish(published, 1);
  expect(heard).toEqual(expected ? [[published, 1]] : []);
});

test("a subscription that was taken back hears nothing", async () => {
  const { bus } = busWithLog();
  const heard: string[] = [];
  const ends = ["a.b", "a.*"].map((topic) => bus.subscribe({ topic, onEvent: (name) => void heard.push(name) }));
  expect(bus.isIdle).toBe(false);
  for (const end of ends) end();
  await bus.publish("a.b", 1);
  expect(heard).toEqual([]);
  expect(bus.isIdle).toBe(true);
});

test("publishing waits for its subscribers, one after the other, but not for asynchronous ones", async () => {
  const { bus } = busWithLog();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  bus.subscribe({ topic: "t", onEvent: () => gate.promise.then(() => void order.push("slow")), isAsync: true });
  bus.subscribe({ topic: "t", onEvent: async () => void order.push("first") });
  bus.subscribe({ topic: "t", onEvent: () => void order.push("second") });
  await bus.publish("t", 1);
  expect(order).toEqual(["first", "second"]);
  gate.resolve();
  await gate.promise;
  await Promise.resolve();
  expect(order).toEqual(["first", "second", "slow"]);
});

test("a subscriber that fails is logged and keeps nobody else from the event", async () => {
  const { bus, records } = busWithLog();
  const heard: string[] = [];
  bus.subscribe({
    topic: "t",
    onEvent: () => {
      throw new Error("boom");
    },
  });
  bus.subscribe({ topic: "t", onEvent: () => void heard.push("other") });
  await bus.publish("t", 1);
  expect(heard).toEqual(["other"]);
  expect(records).toMatchObject([
    { level: "error", message: "Error handling event", attributes: { topic: "t", error: "boom" } },
  ]);
});
