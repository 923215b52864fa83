import { expect, test } from "bun:test";
import { serve, withServer } from "../harness/server.ts";

const pipeline = (steps: readonly string[], rest = "") =>
  withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: "/p/{id}" } }
    steps:
${steps.map((step) => `      - ${step}`).join("\n")}
${rest}`);
const answer = (body: string) => `{ name: answer, type: step.json_response, config: { body: ${body} } }`;
const headers = { "X-Tenant": "acme", authorization: "secret" };

const templates: readonly [template: string, text: string][] = [
  ["{{ .headers.X-Tenant }}", "acme"],
  ["{{ .headers.x-tenant }}", "acme"],
  ['{{ trigger "headers" "x-tenant" }}', "acme"],
  ['{{ index .trigger.headers "X-Tenant" }}', "acme"],
  ["{{ .query.a }}", "1"],
  ["{{ .trigger.query.b }}", ""],
  ["{{ .query.none }}", "<no value>"],
  ["{{ .path_params.id }}", "7"],
  ['{{ trigger "path_params" "id" }}', "7"],
  ["{{ with .query }}{{ .a }}{{ end }}", "1"],
  ["{{ .query.constructor }}", "<no value>"],
];

test.each(templates)("%s is %j", async (template, text) => {
  await using server = await serve(pipeline([answer(`{ t: '${template}' }`)]));
  expect(await (await server.post("/p/7?a=1&a=2&b=", {}, headers)).json()).toEqual({ t: text });
});

test("paths read them too: _from, body_from, and the field of a condition", async () => {
  await using server = await serve(
    pipeline([
      "{ name: go, type: step.conditional, config: { field: query.a, routes: { 1: answer } } }",
      answer("{ q: { _from: query }, h: { _from: headers.X-Tenant }, p: { _from: path_params } }"),
    ]),
  );
  expect(await (await server.post("/p/7?a=1", {}, headers)).json()).toEqual({
    q: { a: "1" },
    h: "acme",
    p: { id: "7" },
  });
});

test("a condition reads them", async () => {
  const admin = "{ name: a, type: step.json_response, if: '{{ .headers.X-Admin }}', config: { body: { admin: 1 } } }";
  await using server = await serve(pipeline([admin, answer("{ admin: 0 }")]));
  expect(await (await server.post("/p/7", {}, { "x-admin": "1" })).json()).toEqual({ admin: 1 });
  expect(await (await server.post("/p/7", {})).json()).toEqual({ admin: 0 });
});

test("they are no part of the values as a whole", async () => {
  const body =
    "{ all: '{{ json . }}', trigger: '{{ json .trigger }}', q: '{{ .query.a }}', h: '{{ .headers.Authorization }}' }";
  await using server = await serve(pipeline([answer(body)]));
  const reply = (await (await server.post("/p/7?a=1", undefined, headers)).json()) as Record<string, string>;
  expect([reply.q, reply.h]).toEqual(["1", "secret"]);
  expect(JSON.parse(reply.trigger ?? "")).toEqual({ method: "POST", path: "/p/7", id: "7", a: "1" });
  expect(Object.keys(JSON.parse(reply.all ?? "")).sort()).toEqual([
    "a",
    "id",
    "meta",
    "method",
    "path",
    "steps",
    "trigger",
  ]);
});

test("a parameter of the name goes before", async () => {
  await using server = await serve(pipeline([answer("{ q: '{{ .query }}', t: '{{ .trigger.headers }}' }")]));
  expect(await (await server.post("/p/7?query=own&headers=mine")).json()).toEqual({ q: "own", t: "mine" });
});

test("a step's output takes the place of a part, and is a value like others", async () => {
  await using server = await serve(
    pipeline([
      "{ name: parse, type: step.request_parse, config: { query_params: [b] } }",
      answer("{ q: '{{ json .query }}', t: '{{ .trigger.query.a }}', all: '{{ json . }}' }"),
    ]),
  );
  const reply = (await (await server.post("/p/7?a=1&b=2")).json()) as Record<string, string>;
  expect([reply.q, reply.t]).toEqual(['{"b":"2"}', "1"]);
  expect(JSON.parse(reply.all ?? "").query).toEqual({ b: "2" });
});

test("the steps of a loop and called pipelines see them", async () => {
  const loop =
    "{ name: loop, type: step.foreach, config: { collection: body.l, step: { type: step.set, values: { v: " +
    "'{{ .query.a }}{{ .item }}' } } } }";
  const call =
    "{ name: call, type: step.workflow_call, config: { workflow: child, input: {}, output_mapping: { c: c } } }";
  const child = `
  child:
    steps:
      - { name: set, type: step.set, config: { values: { c: '{{ .headers.X-Tenant }} {{ .path_params.id }}' } } }
`;
  await using server = await serve(pipeline([loop, call, answer("{ v: { _from: results }, c: '{{ .c }}' }")], child));
  expect(await (await server.post("/p/7?a=1", { l: ["x"] }, headers)).json()).toEqual({
    v: [{ v: "1x" }],
    c: "acme 7",
  });
});

test("a run without a request has none", async () => {
  await using server = await serve(pipeline([answer("{ q: '{{ .query }}' }")]));
  const run = server.engine.current?.runtime.pipelines.find("p")?.run({}, { trigger: "test" });
  expect(await run).toEqual({ status: 200, body: { q: "<no value>" } });
});
