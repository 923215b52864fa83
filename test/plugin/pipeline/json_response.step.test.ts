import { expect, test } from "bun:test";
import { check, serve } from "../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline } from "./fixture.ts";

const respond = (config: string) => `{ name: answer, type: step.json_response, config: ${config} }`;

test("a map is sent as one line with its keys in order and its templates rendered", async () => {
  const body = `{ z: "{{ .body.n }}", a: { "10": 1, "9": [ "<{{ .body.n }}>", true, null ], é: "é" }, s: "a&b" }`;
  await using server = await servePipeline([respond(`{ status: 201, body: ${body} }`)]);
  const reply = await server.post("/p", { n: 1_000_000 });
  expect(reply.status).toBe(201);
  expect(reply.headers.get("content-type")).toBe("application/json");
  expect(await reply.text()).toBe(
    '{"a":{"10":1,"9":["\\u003c1000000\\u003e",true,null],"é":"é"},"s":"a\\u0026b","z":"1000000"}\n',
  );
});

test("_from takes the typed value at a path, null when there is none, and only below the top", async () => {
  const body = `{ n: { _from: body.n }, l: [ { _from: steps.set.v } ], no: { _from: a.b }, both: { _from: x, y: 1 } }`;
  const set = `{ name: set, type: step.set, config: { values: { v: 2 } } }`;
  await using server = await servePipeline([set, respond(`{ body: ${body} }`)]);
  expect(await (await server.post("/p", { n: 5 })).json()).toEqual({
    n: 5,
    l: [2],
    no: null,
    both: { _from: "x", y: 1 },
  });
});

const sent: readonly [config: string, body: string][] = [
  ["{}", ""],
  ["{ body: {} }", "{}\n"],
  ['{ body: [1, "{{ .method }}"] }', '[1,"{{ .method }}"]\n'],
  ['{ body: "{{ .method }}" }', '"{{ .method }}"\n'],
  ["{ body: { a: 1 }, body_from: method }", '"POST"\n'],
  ["{ body: { a: 1 }, body_from: absent }", ""],
  ["{ status: 204, body: { a: 1 } }", ""],
];

test.each(sent)("%s sends %j", async (config, body) => {
  await using server = await servePipeline([respond(config)]);
  expect(await (await server.post("/p")).text()).toBe(body);
});

test("configured headers are added and may replace the content type", async () => {
  await using server = await servePipeline([
    respond(`{ body: {}, headers: { X-One: "1", Content-Type: application/problem+json } }`),
  ]);
  const { headers } = await server.post("/p");
  expect([headers.get("x-one"), headers.get("content-type")]).toEqual(["1", "application/problem+json"]);
});

test("the run ends with the response", async () => {
  await using server = await servePipeline([
    respond("{ body: { first: 1 } }"),
    `{ name: later, type: step.set, config: { values: { a: "{{ .missing.x }}" } } }`,
  ]);
  expect(await (await server.post("/p")).json()).toEqual({ first: 1 });
});

test("without a request the body becomes output", async () => {
  const child = `
  child:
    steps:
      - { name: r, type: step.json_response, config: { status: 202, body: { m: "{{ .m }}", b: { _from: m } } } }`;
  const call = `{ name: call, type: step.workflow_call, config: { workflow: child, input: { m: x } } }`;
  await using server = await servePipeline([call], { rest: child });
  const pipeline = server.engine.current?.runtime.pipelines.find("child");
  expect(await pipeline?.run({ m: "x" }, { trigger: "test" })).toEqual({
    m: "x",
    status: 202,
    body: { b: "x", m: "x" },
  });
});

test("a template that fails is a failed step and sends nothing of the body", async () => {
  await using server = await serve(pipelineOf([respond('{ body: { a: { b: "{{ .missing.x }}" } } }')]));
  const reply = await server.post("/p");
  expect(reply.status).toBe(500);
  expect(await reply.json()).toEqual({ error: "internal error", id: expect.any(String) });
  const { attributes } = await server.logged("Step failed");
  expect(attributes.error).toStartWith('json_response step "answer": field "a": field "b": template exec error: ');
});

test("headers that HTTP does not allow are refused when the configuration is built", async () => {
  const { errors } = await check(pipelineOf([respond('{ headers: { "a b": x } }')]));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toStartWith(
    '13:9: failed to configure pipelines: pipeline "p": step "answer" (type step.json_response): header "a b": ',
  );
});

test("a status outside of 200 to 599 is replaced by the default with a warning", async () => {
  const { warnings } = await check(pipelineOf([respond("{ status: 99 }")]));
  expect(warnings.join("\n")).toContain("'status' must be at least 200, got \"99\"");
  await using server = await servePipeline([respond("{ status: 600 }"), answerWith("answer")]);
  expect((await server.post("/p")).status).toBe(200);
});
