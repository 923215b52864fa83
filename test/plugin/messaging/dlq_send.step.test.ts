import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";
import { brokerOf, listen } from "./publisher.ts";

const config = (settings: string) =>
  withServer(`
  - { name: bus, type: messaging.broker }
pipelines:
  p:
    trigger: { type: http, config: { path: /p, method: POST } }
    steps:
      - { name: out, type: step.dlq_send, config: ${settings} }
      - { name: answer, type: step.json_response, config: { body_from: steps.out } }
`);

const clock = new ManualClock(1_700_000_000_000);
const sent_at = "2023-11-14T22:13:20Z";

/** What is published to the event bus under a topic. */
function events(server: TestServer, topic: string): unknown[] {
  const seen: unknown[] = [];
  server.services.events.subscribe({ topic, onEvent: (_, payload) => void seen.push(payload) });
  return seen;
}

const envelopes: readonly [settings: string, envelope: unknown][] = [
  ["{ topic: dead }", { payload: { method: "POST", path: "/p", body: { n: 5 } }, sent_at }],
  ['{ topic: dead, payload: { n: "{{ .body.n }}", l: [1] } }', { payload: { n: "5", l: [1] }, sent_at }],
  [
    '{ topic: dead, payload: {}, original_topic: orders, error: "failed: {{ .body.n }}" }',
    { payload: {}, sent_at, original_topic: "orders", error: "failed: 5" },
  ],
  ['{ topic: dead, payload: {}, error: "{{ .body.n.x.y }}" }', { payload: {}, sent_at }],
  ['{ topic: dead, payload: {}, error: "", original_topic: "" }', { payload: {}, sent_at }],
];

test.each(envelopes)("%s puts %j on the event bus", async (settings, envelope) => {
  await using server = await serve(config(settings), { clock });
  const seen = events(server, "dead");
  const reply = await server.post("/p", { n: 5 }, { authorization: "Bearer secret" });
  expect([await reply.json(), seen]).toEqual([{ dlq_sent: true, topic: "dead" }, [envelope]]);
});

test("the topic may depend on the run", async () => {
  await using server = await serve(config('{ topic: "{{ .body.topic }}.dlq", payload: {} }'), { clock });
  const seen = events(server, "orders.dlq");
  expect(await (await server.post("/p", { topic: "orders" })).json()).toEqual({ dlq_sent: true, topic: "orders.dlq" });
  expect(seen).toHaveLength(1);
});

test("a broker gets the envelope as JSON", async () => {
  await using server = await serve(config("{ topic: dead, broker: bus, payload: { b: 1, a: 2 }, error: e }"), {
    clock,
  });
  const heard = listen(brokerOf(server, "bus"), "dead");
  await server.post("/p", {});
  expect(heard.texts).toEqual([`{"error":"e","payload":{"a":2,"b":1},"sent_at":"${sent_at}"}`]);
});

test("a broker that is not there is a warning, and an error when it is used", async () => {
  const yaml = config("{ topic: dead, broker: buss }");
  expect((await check(yaml)).warnings).toEqual([expect.stringContaining("service 'buss' is not defined")]);
  await using server = await serve(yaml);
  expect((await server.post("/p", {})).status).toBe(500);
  expect((await server.logged("Step failed")).attributes["error"]).toBe(
    'dlq_send step "out": broker service "buss" not found',
  );
});

test("a topic is required", async () => {
  expect((await check(config("{ payload: {} }"))).errors).toEqual([
    '14:51: pipeline "p": step "out" (type step.dlq_send): dlq_send step "out": \'topic\' is required',
  ]);
});
