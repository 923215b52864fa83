import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";
import { answerWith, trace, traces } from "./fixture.ts";

const delegating = (service: string, ...more: readonly string[]) =>
  withServer(`
  - { name: hello, type: http.handler }
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: hand, type: step.delegate, config: { service: ${service} } }
${more.map((step) => `      - ${step}`).join("\n")}
`);

test("the handler answers the request, and the run ends", async () => {
  await using server = await serve(delegating("hello", trace("after")));
  const reply = await server.post("/p");
  expect(reply.status).toBe(200);
  expect(await reply.json()).toEqual({ handler: "hello", message: "Default handler response", status: "success" });
  expect(traces(server)).toEqual([]);
});

test("without a request the handler's answer becomes output, and the run goes on", async () => {
  await using server = await serve(delegating("hello", trace("after")));
  const pipeline = server.engine.current?.runtime.pipelines.find("p");
  const body = { handler: "hello", message: "Default handler response", status: "success" };
  expect(await pipeline?.run({ method: "PUT", path: "/x", body: { a: 1 } }, { trigger: "test" })).toEqual({
    method: "PUT",
    path: "/x",
    delegated_to: "hello",
    status_code: 200,
    body,
  });
  expect(traces(server)).toEqual(["ran after"]);
});

test("an answer that was written before stays", async () => {
  const call = `{ name: call, type: step.workflow_call, config: { workflow: child } }`;
  await using server = await serve(
    withServer(`
  - { name: hello, type: http.handler }
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - ${call}
      - { name: hand, type: step.delegate, config: { service: hello } }
  child:
    steps:
      - ${answerWith("none")}
`),
  );
  expect(await (await server.post("/p")).text()).toBe("");
});

test.each([
  ["nobody", "service 'nobody' is not defined"],
  ["server", "module 'server' (type http.server) is not an HTTP handler"],
])("the service %s is a warning, and an error when it is used", async (name, warning) => {
  const yaml = delegating(name);
  const { errors, warnings } = await check(yaml);
  expect(errors).toEqual([]);
  expect(warnings).toContain(`14:63: pipelines.p.steps[0].config.service: ${warning}`);
  await using server = await serve(yaml, { isDevelopment: true });
  const reply = await server.post("/p");
  expect(reply.status).toBe(500);
  expect(((await reply.json()) as { error: string }).error).toEndWith(
    `delegate step "hand": service "${name}" not found in registry as an HTTP handler`,
  );
});
