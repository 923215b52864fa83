import { expect, test } from "bun:test";
import type { Executor } from "../../../src/port/service.ts";
import type { Message, MessageHandler } from "../../../src/port/messaging.ts";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";

const modules = (config: string, name = "branch") =>
  withServer(`
  - { name: ${name}, type: step.conditional, config: ${config}, branches: { "case-0": x } }
  - { name: other, type: step.conditional, config: { default: branch } }
`);

function service(server: TestServer, name: string): MessageHandler & Executor {
  return server.engine.current?.service(name) as MessageHandler & Executor;
}

function message(payload: string): Message {
  return { topic: "t", payload: new TextEncoder().encode(payload) };
}

const failing: readonly [config: string, payload: string, reason: string][] = [
  ["{ field: kind, routes: { a: server } }", '{"kind":"a"}', 'service "server" does not handle messages'],
  ["{ field: kind, routes: { a: server }, default: nobody }", '{"kind":"b"}', 'service "nobody" not found'],
  ["{ field: kind, routes: { a: server } }", '{"kind":"b"}', 'value "b" not found in routes and no default configured'],
  ["{ field: kind, routes: { a: server } }", "[1]", 'value "<no value>" not found in routes and no default configured'],
  ["{ field: kind, routes: { a: server } }", "{", "payload is not JSON: "],
  ["{ default: other }", "{}", "its branches lead back to it"],
];

test.each(failing)("with %s the message %s fails: %s", async (config, payload, reason) => {
  await using server = await serve(modules(config));
  const sent = service(server, "branch").handleMessage(message(payload));
  expect(sent).rejects.toThrow(reason);
  await sent.catch((error: unknown) => error);
});

test.each([
  [{ kind: "a" }, "first"],
  [{ kind: 1 }, "second"],
  [{}, "other"],
])("the message %j goes to the module %s", async (payload, handler) => {
  await using server = await serve(
    withServer(`
  - { name: first, type: messaging.handler }
  - { name: second, type: messaging.handler }
  - { name: other, type: messaging.handler }
  - { name: branch, type: step.conditional, config: { field: kind, routes: { a: first, 1: second }, default: other } }
`),
  );
  await service(server, "branch").handleMessage(message(JSON.stringify(payload)));
  expect((await server.logged("Message received")).attributes).toMatchObject({ handler, topic: "t" });
});

test("parameters are forwarded to a module that can be executed", async () => {
  await using server = await serve(modules("{ field: kind, routes: { a: server } }"));
  const executed = service(server, "other").execute({ kind: "a" }, AbortSignal.timeout(1000));
  expect(executed).rejects.toThrow('step.conditional "branch": service "server" cannot be executed');
  await executed.catch((error: unknown) => error);
});

test("several of them may have one name, and a module that is not defined is a warning", async () => {
  const { errors, warnings } = await check(modules("{ field: a, routes: { x: nowhere } }", "other"));
  expect(errors).toEqual([]);
  expect(warnings.filter((text) => text.includes("nowhere"))).toEqual([
    "9:77: modules[2].config.routes.x: service 'nowhere' is not defined",
  ]);
});
