import { expect, test } from "bun:test";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";
import { brokerOf, bytes } from "./publisher.ts";

const pipelines = `
pipelines:
  p:
    steps:
      - { name: seen, type: step.log, config: { message: "seen {{ json .trigger }}" } }
`;

const config = (entry: string, modules = "  - { name: bus, type: messaging.broker }") =>
  withServer(`${modules}
triggers:
  event:
    subscriptions: [{ ${entry} }]
${pipelines}`);

function seen(server: TestServer): string[] {
  return server.records.filter(({ message }) => message.startsWith("seen ")).map(({ message }) => message.slice(5));
}

test("a message starts the workflow with its fields, its text and the params", async () => {
  await using server = await serve(config("topic: t, workflow: p, params: { b: fixed, c: 3 }"));
  await brokerOf(server, "bus").publish("t", bytes('{"a":1,"b":2}'));
  expect(seen(server).map((text) => JSON.parse(text))).toEqual([
    { a: 1, b: "fixed", c: 3, originalMessage: '{"a":1,"b":2}' },
  ]);
});

test.each([
  ["", '{"type":"x"}', true],
  [", event: x", '{"type":"x"}', true],
  [", event: x", '{"type":"y","eventType":"x"}', false],
  [", event: x", '{"type":"","eventType":"x"}', true],
  [", event: x", '{"eventType":"x"}', true],
  [", event: x", "{}", false],
])("with {%s} the message %s starts it: %p", async (filter, message, isStarted) => {
  await using server = await serve(config(`topic: t, workflow: p${filter}`));
  await brokerOf(server, "bus").publish("t", bytes(message));
  expect(seen(server)).toHaveLength(isStarted ? 1 : 0);
});

test.each([
  ["not json", /^failed to parse message: invalid JSON/],
  ["[1]", /^failed to parse message: the message is not a JSON object$/],
])("the message %s is logged by the broker", async (message, problem) => {
  await using server = await serve(config("topic: t, workflow: p"));
  await brokerOf(server, "bus").publish("t", bytes(message));
  expect((await server.logged("Error handling message on")).attributes["error"]).toMatch(problem);
});

const brokers = ["first", "broker", "messageBroker"].map((name) => `  - { name: ${name}, type: messaging.broker }`);

test.each([
  ["topic: t, workflow: p", brokers.slice(0, 1), "first"],
  ["topic: t, workflow: p", brokers.slice(0, 2), "broker"],
  ["topic: t, workflow: p", brokers, "messageBroker"],
  ["topic: t, workflow: p, broker: first", brokers, "first"],
])("{ %s } with the brokers %p listens to %s", async (entry, modules, name) => {
  await using server = await serve(config(entry, modules.join("\n")));
  await brokerOf(server, name).publish("t", bytes("{}"));
  expect(seen(server)).toHaveLength(1);
});

test("a pipeline can have it as its own trigger", async () => {
  await using server = await serve(
    withServer(`  - { name: bus, type: messaging.broker }
pipelines:
  p:
    trigger: { type: event, config: { topic: t, event: x } }
    steps: [{ name: seen, type: step.log, config: { message: "seen {{ .n }}" } }]
`),
  );
  await brokerOf(server, "bus").publish("t", bytes('{"type":"x","n":7}'));
  expect(seen(server)).toEqual(["7"]);
});

test("a workflow that fails is logged and does not fail the publisher", async () => {
  const failing = config("topic: t, workflow: p").replace("{{ json .trigger }}", "{{ .a.b.c }}");
  await using server = await serve(failing);
  await brokerOf(server, "bus").publish("t", bytes('{"a":"text"}'));
  expect((await server.logged("Error handling message on")).attributes["error"]).toStartWith(
    'workflow execution failed: pipeline "p" execution failed: step "seen" failed: ',
  );
});

test("without a broker the configuration is refused", async () => {
  const { errors } = await check(config("topic: t, workflow: p", ""));
  expect(errors).toEqual(["11:21: triggers.event.subscriptions[0].broker: no message broker is defined"]);
});

test("a reload hands a topic over: no message is lost or handled twice", async () => {
  await using server = await serve(config("topic: t, workflow: p, params: { v: 1 }"));
  await server.reload(config("topic: t, workflow: p, params: { v: 2 }"));
  await brokerOf(server, "bus").publish("t", bytes("{}"));
  expect(seen(server).map((text) => JSON.parse(text).v)).toEqual([2]);
});
