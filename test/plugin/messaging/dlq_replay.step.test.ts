import { expect, test } from "bun:test";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";
import { brokerOf, listen } from "./publisher.ts";

const config = (settings: string, before = "{ name: before, type: step.set, config: { values: { a: 1 } } }") =>
  withServer(`
  - { name: bus, type: messaging.broker }
pipelines:
  p:
    trigger: { type: http, config: { path: /p, method: POST } }
    steps:
      - ${before}
      - { name: out, type: step.dlq_replay, config: ${settings} }
      - { name: answer, type: step.json_response, config: { body_from: steps.out } }
`);

const values = (text: string) => `{ name: before, type: step.set, config: { values: ${text} } }`;
const list = values("{ messages: [{ payload: { n: 1 }, error: e }, { n: 2 }, { payload: text }, plain, 5] }");

/** What is published to the event bus under a topic. */
function events(server: TestServer, topic: string): unknown[] {
  const seen: unknown[] = [];
  server.services.events.subscribe({ topic, onEvent: (_, payload) => void seen.push(payload) });
  return seen;
}

const replays: readonly [before: string, settings: string, sent: unknown[]][] = [
  [list, "", [{ n: 1 }, { n: 2 }, { payload: "text" }, "plain", 5]],
  [list, ", max_messages: 2", [{ n: 1 }, { n: 2 }]],
  [values("{ payload: { n: 1 } }"), "", [{ n: 1 }]],
  [values("{ payload: text }"), "", [{ method: "POST", path: "/p", payload: "text" }]],
];

test.each(replays)("%s with '%s' sends %j", async (before, settings, sent) => {
  await using server = await serve(config(`{ dlq_topic: dead, target_topic: orders${settings} }`, before));
  const seen = events(server, "orders");
  const reply = await server.post("/p");
  expect(seen).toEqual(sent);
  expect(await reply.json()).toEqual({ replayed: sent.length, target_topic: "orders", dlq_topic: "dead" });
});

test("an empty list sends nothing, and then the output names no dead letter topic", async () => {
  await using server = await serve(config("{ dlq_topic: dead, target_topic: orders }", values("{ messages: [] }")));
  expect(await (await server.post("/p")).json()).toEqual({ replayed: 0, target_topic: "orders" });
});

test("no more than a hundred messages are sent unless the configuration says so", async () => {
  const yaml = config("{ dlq_topic: dead, target_topic: orders }", values(`{ messages: [${"1,".repeat(101)}] }`));
  await using server = await serve(yaml);
  expect(await (await server.post("/p")).json()).toMatchObject({ replayed: 100 });
});

test("a broker gets the messages as JSON, at a topic that may depend on the run", async () => {
  const settings = '{ dlq_topic: dead, target_topic: "{{ .body.to }}", broker: bus }';
  await using server = await serve(config(settings, list));
  const heard = listen(brokerOf(server, "bus"), "orders");
  await server.post("/p", { to: "orders" });
  expect(heard.texts).toEqual(['{"n":1}', '{"n":2}', '{"payload":"text"}', "plain", "5"]);
});

test("a broker that is not there is an error", async () => {
  await using server = await serve(config("{ dlq_topic: dead, target_topic: orders, broker: buss }"));
  expect((await server.post("/p")).status).toBe(500);
  expect((await server.logged("Step failed")).attributes["error"]).toBe(
    'dlq_replay step "out": broker service "buss" not found',
  );
});

test.each([
  ["{ target_topic: orders }", "dlq_topic"],
  ["{ dlq_topic: dead }", "target_topic"],
])("%s lacks %s", async (settings, key) => {
  expect((await check(config(settings))).errors).toEqual([
    `15:53: pipeline "p": step "out" (type step.dlq_replay): dlq_replay step "out": '${key}' is required`,
  ]);
});
