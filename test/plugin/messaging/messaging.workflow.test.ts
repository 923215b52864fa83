import { expect, test } from "bun:test";
import { check, serve, type TestServer } from "../../harness/server.ts";
import { brokerOf, bytes, draining, listen, turn, withBus } from "./publisher.ts";

const config = (section: string, modules = "") =>
  withBus(`
  - { name: second, type: messaging.broker }
  - { name: one, type: messaging.handler }
  - { name: two, type: messaging.handler }
${modules}
workflows:
  messaging:
${section}
`);

const noSubscriptions = "    subscriptions: []";

function received(server: TestServer): unknown[] {
  return server.records
    .filter(({ message }) => message === "Message received")
    .map(({ attributes }) => [attributes["handler"], attributes["topic"]]);
}

function run(server: TestServer, action: string, data: Record<string, unknown>) {
  const target = server.engine.current?.runtime.dispatcher.target("messaging", action, { params: data });
  return Promise.resolve(target?.run(data, { trigger: "test" }));
}

test("every handler of a topic gets its messages", async () => {
  await using server = await serve(
    config("    subscriptions: [{ topic: t, handler: one }, { topic: t, handler: two }, { topic: u, handler: one }]"),
  );
  await server.post("/send", { text: "hi" });
  expect(received(server)).toEqual([
    ["one", "t"],
    ["two", "t"],
  ]);
});

test.each([
  ["    subscriptions: [{ topic: t, handler: one }]", [["one", "t"]]],
  ["    broker: second\n    subscriptions: [{ topic: t, handler: one }]", []],
])("the broker is the named one, else the first", async (section, expected) => {
  await using server = await serve(config(section));
  await server.post("/send", { text: "hi" });
  expect(received(server)).toEqual(expected);
});

test.each([
  ["a handler that forwards to its own topic", "    producers: [{ name: one, forwardTo: [t] }]", []],
  [
    "two handlers that forward to each other",
    "    producers: [{ name: one, forwardTo: [u] }, { name: two, forwardTo: [t] }]",
    [["two", "u"]],
  ],
])("%s does not send messages round for ever", async (_, producers, more) => {
  const subscriptions = "    subscriptions: [{ topic: t, handler: one }, { topic: u, handler: two }]";
  await using server = await serve(config(`${subscriptions}\n${producers}`));
  await server.post("/send", { text: "hi" });
  expect(received(server)).toEqual([["one", "t"], ...more]);
  expect(await server.logged("Messages would go round for ever; not forwarded")).toMatchObject({
    attributes: { topic: "t" },
  });
});

test("a producer is shown in the log, and one that cannot forward is named", async () => {
  await using server = await serve(
    config(`${noSubscriptions}\n    producers: [{ name: router, topic: orders, forwardTo: [t] }]`),
  );
  expect(await server.logged("Message producer")).toMatchObject({
    attributes: { producer: "router", topic: "orders" },
  });
  expect(await server.logged("Producer does not forward messages; forwardTo has no effect")).toMatchObject({
    attributes: { producer: "router" },
  });
});

test.each([
  ["t", { message: "text" }, "bus", "text"],
  ["t", { message: { b: 1, a: 2 } }, "bus", '{"a":2,"b":1}'],
  ["t", { a: 1 }, "bus", '{"a":1}'],
  ["second:t", { message: "x" }, "second", "x"],
  ["t", { message: "x", broker: "second" }, "second", "x"],
])("a trigger with the action %s and the data %p publishes to %s", async (action, data, broker, text) => {
  await using server = await serve(config(noSubscriptions));
  const heard = listen(brokerOf(server, broker), "t");
  expect(await run(server, action, data)).toEqual({ success: true, broker, topic: "t", length: text.length });
  expect(heard.texts).toEqual([text]);
});

test.each([
  ["", {}, "workflow execution failed: topic not specified"],
  ["second:", {}, "workflow execution failed: topic not specified"],
  ["third:t", {}, "workflow execution failed: no message broker found"],
  ["t", { broker: "third" }, "workflow execution failed: no message broker found"],
])("the action %p with the data %p fails", async (action, data, message) => {
  await using server = await serve(config(noSubscriptions));
  await expect(run(server, action, data)).rejects.toMatchObject({ message });
});

test("a handler must be there and must handle messages", async () => {
  const { errors } = await check(config("    subscriptions: [{ topic: t, handler: on }, { topic: t, handler: bus }]"));
  expect(errors).toEqual([
    "17:42: workflows.messaging.subscriptions[0].handler: service 'on' is not defined",
    "17:69: workflows.messaging.subscriptions[1].handler: module 'bus' (type messaging.broker) " +
      "is not a message handler",
  ]);
});

test("topics are required, and so is the list of subscriptions", async () => {
  const topic = await check(config("    subscriptions: [{ handler: one }]"));
  expect(topic.errors).toEqual([
    '17:21: workflows.messaging.subscriptions[0].topic: required config field "topic" is missing',
  ]);
  const list = await check(config("    producers: []"));
  expect(list.errors).toEqual([
    '17:5: workflows.messaging.subscriptions: required config field "subscriptions" is missing',
  ]);
});

test("a server that stops takes no new messages and lets handlers finish", async () => {
  await using server = await serve(
    config("    subscriptions: [{ topic: t, handler: one }]\n    producers: [{ name: one, forwardTo: [after] }]"),
  );
  const bus = brokerOf(server, "bus");
  const gate = Promise.withResolvers<void>();
  bus.subscribe("after", () => gate.promise);
  const publishing = bus.publish("t", bytes("x"));
  const closing = server.engine.close(AbortSignal.timeout(5000)).then(() => "closed");
  await draining(server);
  await bus.publish("t", bytes("too late"));
  expect(await Promise.race([closing, turn().then(() => "still waiting")])).toBe("still waiting");
  gate.resolve();
  await publishing;
  expect(await closing).toBe("closed");
  expect(received(server)).toEqual([["one", "t"]]);
});
