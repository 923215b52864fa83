import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { pipelineOf, servePipeline, trace, traces } from "./fixture.ts";

const route = (config: string) => `{ name: route, type: step.conditional, config: ${config} }`;
const answer = `{ name: answer, type: step.json_response, config: { body_from: steps.route } }`;

const routed: readonly [body: unknown, output: unknown, ran: readonly string[]][] = [
  [{ kind: "a" }, { matched_value: "a", next_step: "one" }, ["ran one", "ran two"]],
  [{ kind: true }, { matched_value: "true", next_step: "two" }, ["ran two"]],
  [{ kind: 200 }, { matched_value: "200", next_step: "answer" }, []],
  [{ kind: "z" }, { matched_value: "z", next_step: "two", used_default: true }, ["ran two"]],
  [{ kind: null }, { matched_value: "<no value>", next_step: "two", used_default: true }, ["ran two"]],
  [{ kind: "constructor" }, { matched_value: "constructor", next_step: "two", used_default: true }, ["ran two"]],
];

test.each(routed)("%j gives %j and runs on through %j", async (body, output, ran) => {
  await using server = await servePipeline([
    route("{ field: body.kind, routes: { a: one, true: two, 200: answer }, default: two }"),
    trace("one"),
    trace("two"),
    answer,
  ]);
  expect(await (await server.post("/p", body)).json()).toEqual(output);
  expect(traces(server)).toEqual([...ran]);
});

test("a field may have a pipe or a hyphen in it", async () => {
  await using server = await servePipeline([route("{ field: body.kind | lower, routes: { a: answer } }"), answer]);
  expect((await server.post("/p", { kind: "A" })).status).toBe(200);
  await using other = await servePipeline([route("{ field: body.my-kind, routes: { a: answer } }"), answer]);
  expect((await other.post("/p", { "my-kind": "a" })).status).toBe(200);
});

test("a value without a route fails the step", async () => {
  await using server = await servePipeline([route("{ field: body.kind, routes: { a: answer } }"), answer]);
  expect(((await (await server.post("/p", { kind: "b" })).json()) as { error: string }).error).toEndWith(
    'step "route" failed: conditional step "route": value "b" not found in routes and no default configured',
  );
});

test("routes are required, and hold names of steps", async () => {
  const head = 'pipeline "p": step "route" (type step.conditional): conditional step "route": ';
  expect((await check(pipelineOf([route("{ field: x }"), answer]))).errors).toEqual([
    `13:9: failed to configure pipelines: ${head}'routes' map is required`,
  ]);
  expect((await check(pipelineOf([route("{ field: x, routes: {} }"), answer]))).errors).toEqual([
    `13:9: failed to configure pipelines: ${head}'routes' map is required`,
  ]);
  expect((await check(pipelineOf([route("{ field: x, routes: { a: [b] } }"), answer]))).errors).toEqual([
    `13:81: ${head}'a' must be text, got list`,
  ]);
});
