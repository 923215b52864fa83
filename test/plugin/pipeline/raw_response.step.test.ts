import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { pipelineOf, servePipeline } from "./fixture.ts";

const respond = (config: string) => `{ name: answer, type: step.raw_response, config: ${config} }`;

test("text of any content type is sent, with its templates rendered", async () => {
  await using server = await servePipeline([
    respond('{ content_type: text/html, status: 418, headers: { X-A: b }, body: "<p>{{ .method }}</p>" }'),
  ]);
  const reply = await server.post("/p");
  expect(reply.status).toBe(418);
  expect([reply.headers.get("content-type"), reply.headers.get("x-a")]).toEqual(["text/html", "b"]);
  expect(await reply.text()).toBe("<p>POST</p>");
});

const bodies: readonly [from: string, text: string][] = [
  ["body.s", "a<b"],
  ["body.n", "3"],
  ["body.l", "[1 x]"],
  ["body.m", "map[a:1]"],
  ["body.nope", ""],
];

test.each(bodies)("body_from %s sends %j", async (from, text) => {
  await using server = await servePipeline([respond(`{ content_type: text/plain, body: unused, body_from: ${from} }`)]);
  expect(await (await server.post("/p", { s: "a<b", n: 3, l: [1, "x"], m: { a: 1 } })).text()).toBe(text);
});

test("a template that fails is a failed step", async () => {
  await using server = await servePipeline([respond('{ content_type: text/plain, body: "{{ .missing.x }}" }')]);
  expect((await server.post("/p")).status).toBe(500);
});

test("without a request the body becomes output", async () => {
  await using server = await servePipeline([respond("{ content_type: text/plain, body: hello }")]);
  const pipeline = server.engine.current?.runtime.pipelines.find("p");
  expect(await pipeline?.run({}, { trigger: "test" })).toEqual({
    status: 200,
    content_type: "text/plain",
    body: "hello",
  });
});

test("the content type is required", async () => {
  expect((await check(pipelineOf([respond("{ body: x }")]))).errors).toEqual([
    `13:58: pipeline "p": step "answer" (type step.raw_response): raw_response step "answer": ` +
      `'content_type' is required`,
  ]);
});
