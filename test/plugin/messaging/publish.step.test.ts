import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";
import { brokerOf, listen } from "./publisher.ts";

const config = (settings: string) =>
  withServer(`
  - { name: bus, type: messaging.broker }
pipelines:
  p:
    trigger: { type: http, config: { path: /p, method: POST } }
    steps:
      - { name: kind, type: step.set, config: { values: { kind: new } } }
      - { name: out, type: step.publish, config: ${settings} }
      - { name: answer, type: step.json_response, config: { body_from: steps.out } }
`);

test("without a broker the message goes to the event bus as a map", async () => {
  await using server = await serve(
    config('{ topic: "orders.{{ .kind }}", payload: { n: "{{ .body.n }}", list: [1] } }'),
  );
  const seen: unknown[] = [];
  server.services.events.subscribe({ topic: "orders.new", onEvent: (_, payload) => void seen.push(payload) });
  const answer = await server.post("/p", { n: 5 });
  expect(await answer.json()).toEqual({ published: true, topic: "orders.new" });
  expect(seen).toEqual([{ n: "5", list: [1] }]);
});

test("with a broker the message is JSON", async () => {
  await using server = await serve(config("{ topic: t, broker: bus, payload: { b: 1, a: 2 } }"));
  const heard = listen(brokerOf(server, "bus"), "t");
  await server.post("/p", {});
  expect(heard.texts).toEqual(['{"a":2,"b":1}']);
});

test("without a payload all values of the pipeline are sent, and receivers cannot change the run", async () => {
  await using server = await serve(config("{ topic: t }"));
  const seen: unknown[] = [];
  server.services.events.subscribe({
    topic: "t",
    onEvent(_, payload) {
      seen.push({ ...Object(payload) });
      Object(payload).published = "changed";
    },
  });
  const answer = await server.post("/p", { n: 5 }, { authorization: "Bearer secret" });
  expect(seen).toEqual([{ method: "POST", path: "/p", body: { n: 5 }, kind: "new" }]);
  expect(await answer.json()).toEqual({ published: true, topic: "t" });
});

test("a broker that is not there is a warning and a result", async () => {
  const yaml = config("{ topic: t, broker: buss }");
  expect((await check(yaml)).warnings).toEqual([expect.stringContaining("service 'buss' is not defined")]);
  await using server = await serve(yaml);
  const answer = await server.post("/p", {});
  expect(await answer.json()).toEqual({ published: false, reason: "broker not found" });
  expect(await server.logged("Message not published: broker not found")).toMatchObject({ level: "warn" });
});

test("a broker that refuses the message fails the step", async () => {
  await using server = await serve(
    config("{ topic: t, broker: bus }").replace(
      "type: messaging.broker",
      "type: messaging.broker, config: { maxQueueSize: 1 }",
    ),
  );
  const bus = brokerOf(server, "bus");
  listen(bus, "t");
  listen(bus, "t");
  expect((await server.post("/p", {})).status).toBe(503);
  expect((await server.logged("Step failed")).attributes["error"]).toBe(
    'publish step "out": topic "t" exceeds max queue size 1',
  );
});

test("a topic is required", async () => {
  const { errors } = await check(config("{ payload: {} }"));
  expect(errors).toEqual([
    '15:50: pipeline "p": step "out" (type step.publish): publish step "out": \'topic\' is required',
  ]);
});
