import { expect, test } from "bun:test";
import { serve, withServer } from "../../harness/server.ts";
import { answerWith, servePipeline } from "./fixture.ts";

const parse = (config: string) => `{ name: parse, type: step.request_parse, config: ${config} }`;

test("only what is asked for is given", async () => {
  await using server = await servePipeline([parse("{}"), answerWith("parse")]);
  expect(await (await server.post("/p?a=1", { x: 1 })).json()).toEqual({});
});

test("query parameters are taken by name: the first value, and no empty ones", async () => {
  await using server = await servePipeline([parse("{ query_params: [a, b, c] }"), answerWith("parse")]);
  expect(await (await server.post("/p?a=1&a=2&b=&d=4")).json()).toEqual({ query: { a: "1" } });
  expect(await (await server.post("/p")).json()).toEqual({ query: {} });
});

test("headers keep the name they were asked for, and are empty when absent", async () => {
  await using server = await servePipeline([parse("{ parse_headers: [X-Tenant, x-none] }"), answerWith("parse")]);
  const reply = await server.post("/p", {}, { "x-TENANT": "acme" });
  expect(await reply.json()).toEqual({ headers: { "X-Tenant": "acme", "x-none": "" } });
});

const bodies: readonly [sent: string | undefined, output: unknown][] = [
  ['{"a":1}', { body: { a: 1 } }],
  ["[1]", {}],
  ["{broken", {}],
  [undefined, {}],
];

test.each(bodies)("of the body %j it gives %j", async (sent, output) => {
  await using server = await servePipeline([parse("{ parse_body: true }"), answerWith("parse")]);
  expect(await (await server.post("/p", sent)).json()).toEqual(output);
});

test("a body that the trigger left unread is read, and one that a step set is used", async () => {
  await using server = await servePipeline([parse("{ parse_body: true }"), answerWith("parse")]);
  const reply = await server.post("/p", '{"a":1}', { "content-type": "application/octet-stream" });
  expect(await reply.json()).toEqual({ body: { a: 1 } });
  await using other = await servePipeline([
    `{ name: set, type: step.set, config: { values: { body: { b: 2 } } } }`,
    parse("{ parse_body: true }"),
    answerWith("parse"),
  ]);
  expect(await (await other.post("/p")).json()).toEqual({ body: { b: 2 } });
});

test("path parameters are decoded, and unknown names are left out", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: "/a/{id}/{rest...}" } }
    steps:
      - ${parse("{ path_params: [id, rest, constructor] }")}
      - ${answerWith("parse")}
`),
  );
  expect(await (await server.get("/a/x%2Fy/b/c")).json()).toEqual({ path_params: { id: "x/y", rest: "b/c" } });
});

test("a called pipeline reads the path by the pattern of its own trigger", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: "/orders/{order}" } }
    steps:
      - { name: call, type: step.workflow_call, config: { workflow: child } }
  child:
    trigger: { type: http, config: { method: POST, path: "/{kind}/{id}" } }
    steps:
      - ${parse("{ path_params: [kind, id, order] }")}
      - ${answerWith("parse")}
`),
  );
  expect(await (await server.get("/orders/7")).json()).toEqual({ path_params: { kind: "orders", id: "7" } });
  expect(await (await server.get("/orders/8")).json()).toEqual({ path_params: { kind: "orders", id: "8" } });
});
