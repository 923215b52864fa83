import { expect, test } from "bun:test";
import { serve, withServer } from "../../harness/server.ts";
import { brokerOf, listen } from "./publisher.ts";

const config = (settings: string) =>
  withServer(`
  - { name: bus, type: messaging.broker }
pipelines:
  p:
    trigger: { type: http, config: { path: /p, method: POST } }
    steps:
      - { name: out, type: step.event_publish, config: ${settings} }
      - { name: answer, type: step.json_response, config: { body_from: steps.out } }
`);

test.each([
  ["payload: { a: 1 }", { a: 1 }],
  ["payload: { a: 1 }, event_type: order.new", { type: "order.new", data: { a: 1 } }],
  ['payload: { a: 1 }, headers: { n: "{{ .body.n }}" }', { data: { a: 1 }, headers: { n: "5" } }],
  [
    'payload: {}, event_type: x, headers: { bad: "{{ .body.n.z }}", good: h }',
    { type: "x", data: {}, headers: { bad: "{{ .body.n.z }}", good: "h" } },
  ],
  ["event_type: x", { type: "x", data: { method: "POST", path: "/p", body: { n: 5 } } }],
])("with { %s } the event is %p, on the bus and for brokers", async (settings, expected) => {
  await using server = await serve(config(`{ topic: "t.{{ .body.n }}", ${settings} }`));
  const seen: unknown[] = [];
  server.services.events.subscribe({ topic: "t.5", onEvent: (_, payload) => void seen.push(payload) });
  const answer = await server.post("/p", { n: 5 });
  expect(await answer.json()).toEqual({ published: true, topic: "t.5" });
  expect(seen).toEqual([expected]);
  await server.reload(config(`{ topic: t, broker: bus, ${settings} }`));
  const heard = listen(brokerOf(server, "bus"), "t");
  await server.post("/p", { n: 5 });
  expect(heard.texts.map((text) => JSON.parse(text))).toEqual([expected]);
});

test("a broker that is not there fails the step", async () => {
  await using server = await serve(config("{ topic: t, broker: buss }"));
  expect((await server.post("/p", {})).status).toBe(500);
  expect((await server.logged("Step failed")).attributes["error"]).toBe(
    'event_publish step "out": broker service "buss" not found',
  );
});
