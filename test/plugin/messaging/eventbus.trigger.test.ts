import { expect, test } from "bun:test";
import { serve, type TestServer, withServer } from "../../harness/server.ts";

const config = (entry: string, message = "seen {{ json .trigger }}") =>
  withServer(`
  - { name: bus, type: messaging.broker }
triggers:
  eventbus:
    subscriptions: [{ ${entry} }]
pipelines:
  p:
    steps:
      - { name: seen, type: step.log, config: { message: "${message}" } }
      - { name: next, type: step.publish, config: { topic: done, broker: bus } }
`);

function seen(server: TestServer): unknown[] {
  return server.records
    .filter(({ message }) => message.startsWith("seen "))
    .map(({ message }) => JSON.parse(message.slice(5)));
}

test("an event starts the workflow with its fields and the params", async () => {
  await using server = await serve(config("topic: t, workflow: p, params: { b: fixed }"));
  await server.services.events.publish("t", { a: 1, b: 2 });
  expect(seen(server)).toEqual([{ a: 1, b: "fixed" }]);
});

test.each([
  ["t", "t", true],
  ["t", "t.u", false],
  ["t.*", "t.u", true],
  ["t.*", "t.u.v", true],
  ["*.u", "t.u", true],
  ["*.u", "t.v.u", false],
  ["**.u", "t.v.u", true],
])("a subscription to %s gets the topic %s: %p", async (topic, published, isStarted) => {
  await using server = await serve(config(`topic: "${topic}", workflow: p`));
  await server.services.events.publish(published, {});
  expect(seen(server)).toHaveLength(isStarted ? 1 : 0);
});

test.each([
  ["", { type: "y" }, true],
  [", event: x", { type: "x" }, true],
  [", event: x", { type: "y" }, false],
  [", event: x", { eventType: "x" }, true],
  [", event: x", "text", false],
])("with {%s} the event %p starts it: %p", async (filter, payload, isStarted) => {
  await using server = await serve(config(`topic: t, workflow: p${filter}`));
  await server.services.events.publish("t", payload);
  expect(seen(server)).toHaveLength(isStarted ? 1 : 0);
});

test.each([
  ["false", false],
  ["true", true],
])("with async: %s the publisher goes on before the workflow has ended: %p", async (isAsync, goesOn) => {
  await using server = await serve(config(`topic: t, workflow: p, async: ${isAsync}`));
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const bus = server.engine.current?.service("bus") as unknown as { subscribe(t: string, f: () => unknown): void };
  bus.subscribe("done", () => {
    reached.resolve();
    return gate.promise;
  });
  let isPublished = false;
  const publishing = server.services.events.publish("t", {}).finally(() => void (isPublished = true));
  await reached.promise;
  expect(isPublished).toBe(goesOn);
  gate.resolve();
  await publishing;
});

test("lifecycle events of one workflow can start another", async () => {
  await using server = await serve(
    config("topic: workflow.pipeline:q.completed, workflow: p", "seen {{ json .action }}") +
      `
  q:
    trigger: { type: http, config: { path: /q } }
    steps: [{ name: s, type: step.set, config: { values: { x: 1 } } }]
`,
  );
  await server.post("/q", {});
  await server.logged(/^seen /);
  expect(seen(server)).toEqual(["execute"]);
});
