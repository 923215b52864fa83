import { expect, test } from "bun:test";
import { ManualClock } from "../../../harness/manual_clock.ts";
import { check } from "../../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline } from "../fixture.ts";

const call = (config: string) => `{ name: call, type: step.sub_workflow, config: ${config} }`;
const child = (step: string, name = "child") => `
  ${name}:
    steps:
      - ${step}`;
const set = '{ name: set, type: step.set, config: { values: { x: "{{ .a }}", m: { n: 1 } } } }';

const outputs: readonly [config: string, output: unknown][] = [
  ["{ workflow: child, input_mapping: {} }", { result: { x: "<no value>", m: { n: 1 } } }],
  ["{ workflow: plugin:child, input_mapping: {} }", { result: { x: "<no value>", m: { n: 1 } } }],
  ['{ workflow: child, input_mapping: { a: "{{ .body.a }}" } }', { result: { a: "A", x: "A", m: { n: 1 } } }],
  [
    "{ workflow: child, output_mapping: { one: x, two: m.n, three: m.zz.y, four: path } }",
    { one: "<no value>", two: 1, three: null, four: "/p" },
  ],
];

test.each(outputs)("%s gives %j", async (config, output) => {
  await using server = await servePipeline([call(config), answerWith("call")], { rest: child(set) });
  expect(await (await server.post("/p", { a: "A" })).json()).toEqual(output);
});

test("a pipeline of the whole name is taken before one of its last part", async () => {
  const whole = child("{ name: s, type: step.set, config: { values: { by: whole } } }", '"plugin:child"');
  const steps = [call("{ workflow: plugin:child, input_mapping: {} }"), answerWith("call")];
  await using server = await servePipeline(steps, { rest: child(set) + whole });
  expect(await (await server.post("/p")).json()).toEqual({ result: { by: "whole" } });
});

test("a workflow that does not exist is a warning, and fails when it is called", async () => {
  const config = "{ workflow: chidl }";
  expect((await check(pipelineOf([call(config)], child(set)))).warnings).toContain(
    '13:9: step "call" calls pipeline "chidl", which is not defined',
  );
  await using server = await servePipeline([call(config)], { rest: child(set) });
  const reply = await server.post("/p");
  expect(reply.status).toBe(500);
  expect(((await reply.json()) as { error: string }).error).toEndWith(
    'sub_workflow step "call": workflow "chidl" not found in registry',
  );
});

test("a child that fails fails the step, with its status", async () => {
  const refuse = "{ name: v, type: step.validate, config: { required_fields: [zz] } }";
  await using server = await servePipeline([call("{ workflow: child }")], { rest: child(refuse) });
  const reply = await server.post("/p");
  expect(reply.status).toBe(400);
  expect(((await reply.json()) as { error: string }).error).toEndWith(
    'sub_workflow step "call": workflow "child" failed: step "v" failed: validate step "v": ' +
      "missing required fields: zz",
  );
});

test("the wait for the result ends with the timeout", async () => {
  const clock = new ManualClock();
  const slow =
    "{ name: slow, type: step.retry_with_backoff, config: { initial_delay: 1h, max_delay: 1h, " +
    "step: { type: step.validate, required_fields: [zz] } } }";
  await using server = await servePipeline([call("{ workflow: child, timeout: 2s }")], { rest: child(slow), clock });
  const pending = server.post("/p");
  while (clock.pendingTimers < 2) await clock.advance(0);
  await clock.advance(2000);
  expect((await pending).status).toBe(504);
});

test("workflows that call each other without end are stopped", async () => {
  await using server = await servePipeline([call("{ workflow: p }")]);
  expect(((await (await server.post("/p")).json()) as { error: string }).error).toEndWith(
    'sub_workflow step "call": pipelines call each other in more than 100 levels',
  );
});

test("an input template that fails fails the step", async () => {
  const config = '{ workflow: child, input_mapping: { a: "{{ .missing.x }}" } }';
  await using server = await servePipeline([call(config)], { rest: child(set) });
  expect(((await (await server.post("/p")).json()) as { error: string }).error).toContain(
    'sub_workflow step "call": failed to resolve input: field "a": template exec error: ',
  );
});

test("the workflow is required", async () => {
  expect((await check(pipelineOf([call("{}")]))).errors).toEqual([
    '13:56: pipeline "p": step "call" (type step.sub_workflow): sub_workflow step "call": \'workflow\' is required',
  ]);
});
