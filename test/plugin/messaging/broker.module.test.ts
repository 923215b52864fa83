import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve } from "../../harness/server.ts";
import { brokerOf, bytes, listen, withBus } from "./publisher.ts";

test("handlers of a topic get a message one after the other, in the order they subscribed", async () => {
  await using server = await serve(withBus(""));
  const bus = brokerOf(server, "bus");
  const seen: string[] = [];
  bus.subscribe("t", async () => {
    await Promise.resolve();
    seen.push("first");
  });
  bus.subscribe("t", () => void seen.push("second"));
  bus.subscribe("other", () => void seen.push("other"));
  await bus.publish("t", bytes("x"));
  expect(seen).toEqual(["first", "second"]);
});

test("a handler that fails is logged and hides the message from nobody else", async () => {
  await using server = await serve(withBus(""));
  const bus = brokerOf(server, "bus");
  bus.subscribe("t", () => {
    throw new Error("broken");
  });
  const after = listen(bus, "t");
  await bus.publish("t", bytes("x"));
  expect(after.texts).toEqual(["x"]);
  expect(await server.logged("Error handling message on")).toMatchObject({
    level: "error",
    attributes: { topic: "t", error: "broken" },
  });
});

test("publishing to a topic without subscribers succeeds with a warning", async () => {
  await using server = await serve(withBus(""));
  const answer = await server.post("/send", { text: "hi" });
  expect(await answer.json()).toEqual({ published: true, topic: "t" });
  expect(await server.logged("No subscribers for")).toMatchObject({ level: "warn", attributes: { topic: "t" } });
});

test("an ended subscription gets nothing more", async () => {
  await using server = await serve(withBus(""));
  const bus = brokerOf(server, "bus");
  const heard = listen(bus, "t");
  await bus.publish("t", bytes("1"));
  heard.end();
  await bus.publish("t", bytes("2"));
  expect(heard.texts).toEqual(["1"]);
});

test.each([
  ["{ maxQueueSize: 1 }", 'topic "t" exceeds max queue size 1'],
  ["{ maxQueueSize: 2 }", undefined],
])("with %s a second message under way ends with %p", async (settings, problem) => {
  await using server = await serve(withBus("", settings));
  const bus = brokerOf(server, "bus");
  const gate = Promise.withResolvers<void>();
  bus.subscribe("t", () => gate.promise);
  const first = bus.publish("t", bytes("1"));
  const second = bus.publish("t", bytes("2")).then(
    () => undefined,
    (error: Error) => error.message,
  );
  gate.resolve();
  await first;
  expect(await second).toBe(problem);
});

test("more subscriptions than the queue size fail the publisher", async () => {
  await using server = await serve(withBus("", "{ maxQueueSize: 1 }"));
  const bus = brokerOf(server, "bus");
  listen(bus, "t");
  listen(bus, "t");
  const answer = await server.post("/send", { text: "hi" });
  expect(answer.status).toBe(503);
});

test.each([
  ["{ deliveryTimeout: 5s }", 5000],
  ["{}", 30_000],
])("with %s a handler is waited for for %i ms", async (settings, ms) => {
  const clock = new ManualClock();
  await using server = await serve(withBus("", settings), { clock });
  const bus = brokerOf(server, "bus");
  bus.subscribe("t", () => new Promise(() => {}));
  let isDone = false;
  const published = bus.publish("t", bytes("x")).finally(() => void (isDone = true));
  await clock.advance(ms - 1);
  expect(isDone).toBe(false);
  await clock.advance(1);
  await published;
  expect(await server.logged("Error handling message on")).toMatchObject({
    attributes: { error: `the handler did not finish within ${ms / 1000}s` },
  });
});

test("it is also found as its producer and its consumer", async () => {
  const config = withBus(`
workflows:
  messaging:
    broker: bus.consumer
    subscriptions: []
`);
  expect(await check(config)).toEqual({ errors: [], warnings: [] });
  await using server = await serve(config);
  expect(server.engine.current?.service("bus.producer")).toBe(server.engine.current?.service("bus"));
});

test("a reload keeps the broker, and messages reach the new subscriptions only", async () => {
  const config = (handler: string) =>
    withBus(`
  - { name: ${handler}, type: messaging.handler }
workflows:
  messaging: { broker: bus, subscriptions: [{ topic: t, handler: ${handler} }] }
`);
  await using server = await serve(config("one"));
  const bus = brokerOf(server, "bus");
  await server.reload(config("two"));
  expect(brokerOf(server, "bus")).toBe(bus);
  await server.post("/send", { text: "hi" });
  const handlers = server.records
    .filter(({ message }) => message === "Message received")
    .map(({ attributes }) => attributes["handler"]);
  expect(handlers).toEqual(["two"]);
});

test("its start and stop are logged, and its queue depth is a metric", async () => {
  const server = await serve(withBus(""));
  expect(await server.logged("In-memory message broker started")).toMatchObject({ attributes: { module: "bus" } });
  const bus = brokerOf(server, "bus");
  const gate = Promise.withResolvers<void>();
  bus.subscribe("t", () => gate.promise);
  const published = bus.publish("t", bytes("x"));
  expect(await server.services.metrics.expose()).toContain('workflow_queue_depth{queue="bus"} 1\n');
  gate.resolve();
  await published;
  expect(await server.services.metrics.expose()).toContain('workflow_queue_depth{queue="bus"} 0\n');
  await server[Symbol.asyncDispose]();
  expect(await server.logged("In-memory message broker stopped")).toBeDefined();
});
