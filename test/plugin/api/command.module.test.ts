import { expect, test } from "bun:test";
import { serve, withServer } from "../../harness/server.ts";

const commands = (list: string, modules = "", config = "{}") =>
  withServer(`
  - { name: commands, type: api.command, config: ${config} }${modules}
workflows:
  http:
    routes:
${list}`);

const route = `      - method: POST
        path: /api/orders
        handler: commands
        steps: [{ name: s, type: step.set, config: { values: { seen: "{{ .commandName }}" } } }]`;

test("a command's pipeline starts with the method, path, name and JSON object of the request", async () => {
  await using server = await serve(commands(route));
  const answer = await server.post("/api/orders", { n: 1 });
  expect([answer.status, await answer.text()]).toEqual([
    200,
    '{"body":{"n":1},"commandName":"orders","method":"POST","path":"/api/orders","seen":"orders"}\n',
  ]);
});

test.each([
  ["a list", "[1]", "application/json"],
  ["broken JSON", "{", "application/json"],
  ["a form", "a=1", "application/x-www-form-urlencoded"],
])("%s is not taken as the body", async (_name, body, type) => {
  await using server = await serve(commands(route));
  const answer = await server.post("/api/orders", body, { "content-type": type });
  expect(await answer.json()).toEqual({
    commandName: "orders",
    method: "POST",
    path: "/api/orders",
    seen: "orders",
  });
});

test("the body can still be read by steps and by a delegate", async () => {
  const steps = `      - method: POST
        path: /parse
        handler: commands
        steps:
          - { name: parse, type: step.request_parse, config: { parse_body: true } }
          - { name: answer, type: step.json_response, config: { body_from: steps.parse.body } }
      - { method: POST, path: /items, handler: commands }`;
  const store = "\n  - { name: store, type: api.handler, config: {} }";
  await using server = await serve(commands(steps, store, "{ delegate: store }"));
  expect(await (await server.post("/parse", { a: 1 })).json()).toEqual({ a: 1 });
  const created = await server.post("/items", { id: "x" });
  expect([created.status, await created.json()]).toMatchObject([201, { id: "x" }]);
});

test("a command that nothing answers is unknown", async () => {
  await using server = await serve(commands("      - { method: POST, path: /ship/now, handler: commands }"));
  const answer = await server.post("/ship/now", {});
  expect([answer.status, await answer.text()]).toEqual([404, '{"error":"unknown command: now"}\n']);
});

test("an answer that was given before a step fails stands", async () => {
  const steps = `      - method: POST
        path: /late
        handler: commands
        pipeline:
          steps:
            - name: each
              type: step.workflow_call
              config: { workflow: answering }
            - { name: broken, type: step.set, config: { values: { x: "{{ .nothing.here }}" } } }`;
  const yaml = `${commands(steps)}
pipelines:
  answering:
    steps: [{ name: fine, type: step.json_response, config: { status: 207, body: { ok: true } } }]`;
  await using server = await serve(yaml);
  const answer = await server.post("/late", {});
  expect([answer.status, await answer.json()]).toEqual([207, { ok: true }]);
});
