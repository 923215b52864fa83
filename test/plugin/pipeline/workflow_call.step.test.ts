import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { serve, withServer } from "../../harness/server.ts";
import { answerWith, servePipeline, traces } from "./fixture.ts";

const call = (config: string) => `{ name: call, type: step.workflow_call, config: ${config} }`;
const child = (...steps: readonly string[]) => `
  child:
    steps:
${steps.map((step) => `      - ${step}`).join("\n")}`;
const set = (values: string) => `{ name: set, type: step.set, config: { values: ${values} } }`;

const outputs: readonly [config: string, output: unknown][] = [
  ["{ workflow: child, input: {} }", { result: { x: "<no value>", m: { n: 1 } } }],
  [
    '{ workflow: child, input: { a: "{{ .body.a }}", k: [1, "{{ .method }}"] } }',
    { result: { a: "A", k: [1, "POST"], x: "A", m: { n: 1 } } },
  ],
  [
    "{ workflow: child, output_mapping: { one: x, two: m.n, three: m.zz.y, four: path } }",
    { one: "<no value>", two: 1, three: null, four: "/p" },
  ],
];

test.each(outputs)("%s gives %j", async (config, output) => {
  await using server = await servePipeline([call(config), answerWith("call")], {
    rest: child(set('{ x: "{{ .a }}", m: { n: 1 } }')),
  });
  expect(await (await server.post("/p", { a: "A" })).json()).toEqual(output);
});

test("without input the child starts with a copy of all current values", async () => {
  await using server = await servePipeline([call("{ workflow: child }"), answerWith("call")], {
    rest: child(set('{ body: "replaced" }')),
  });
  expect(await (await server.post("/p", { a: 1 })).json()).toEqual({
    result: { body: "replaced", method: "POST", path: "/p" },
  });
});

test("a child may answer the request, and the parent goes on", async () => {
  const steps = [call("{ workflow: child }"), `{ name: after, type: step.log, config: { message: ran after } }`];
  const answer = `{ name: answer, type: step.json_response, config: { status: 207, body: { by: child } } }`;
  await using server = await servePipeline(steps, { rest: child(answer) });
  const reply = await server.post("/p");
  expect([reply.status, await reply.json()]).toEqual([207, { by: "child" }]);
  expect(traces(server)).toEqual(["ran after"]);
});

test("a child that fails fails the step, with its status", async () => {
  const refuse = `{ name: v, type: step.validate, config: { required_fields: [zz] } }`;
  await using server = await servePipeline([call("{ workflow: child }")], { rest: child(refuse) });
  const reply = await server.post("/p");
  expect(reply.status).toBe(400);
  expect(((await reply.json()) as { error: string }).error).toEndWith(
    'workflow_call step "call": workflow "child" failed: step "v" failed: validate step "v": ' +
      "missing required fields: zz",
  );
});

test("a pipeline that does not exist fails when it is called", async () => {
  await using server = await servePipeline([call("{ workflow: chidl }")], { rest: child(set("{ a: 1 }")) });
  const reply = await server.post("/p");
  expect(reply.status).toBe(500);
  expect(((await reply.json()) as { error: string }).error).toEndWith(
    'workflow_call step "call": pipeline "chidl" not found — ensure it is defined in the application config',
  );
});

test("pipelines that call each other without end are stopped", async () => {
  await using server = await servePipeline([call("{ workflow: p }")]);
  const reply = await server.post("/p");
  expect(reply.status).toBe(500);
  expect(((await reply.json()) as { error: string }).error).toEndWith(
    'workflow_call step "call": pipelines call each other in more than 100 levels',
  );
});

test("the wait for the result ends with the timeout", async () => {
  const clock = new ManualClock();
  const slow =
    `{ name: slow, type: step.retry_with_backoff, config: { initial_delay: 1h, max_delay: 1h, ` +
    `step: { type: step.validate, required_fields: [zz] } } }`;
  await using server = await servePipeline([call("{ workflow: child, timeout: 2s }")], { rest: child(slow), clock });
  const pending = server.post("/p");
  while (clock.pendingTimers < 2) await clock.advance(0);
  await clock.advance(2000);
  const reply = await pending;
  expect(reply.status).toBe(504);
  expect(((await reply.json()) as { error: string }).error).toContain(
    'workflow_call step "call": workflow "child" failed: ',
  );
});

test("an asynchronous call goes on at once, outlives the request and has no request to answer", async () => {
  const clock = new ManualClock();
  const steps = [
    `{ name: wait, type: step.retry_with_backoff, config: { max_retries: 1, initial_delay: 1m, max_delay: ` +
      `1m, step: { type: step.validate, required_fields: [zz] } }, on_error: skip }`,
    `{ name: answer, type: step.json_response, config: { body: { late: "true" } } }`,
  ];
  const done = [
    `{ name: done, type: step.log, config: { message: "ran {{ .body.late }} {{ .meta._http_request }}" } }`,
  ];
  await using server = await serve(
    withServer(
      `
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - ${call("{ workflow: middle, mode: async }")}
      - ${answerWith("call")}
  middle:
    steps:
      - { name: inner, type: step.workflow_call, config: { workflow: child, timeout: 1h } }
      - ${done[0] ?? ""}
${child(...steps).slice(1)}
`.replace(".body.late", ".steps.inner.result.body.late"),
    ),
    { clock },
  );
  const reply = await server.post("/p");
  expect(await reply.json()).toEqual({ workflow: "middle", mode: "async", dispatched: true });
  await clock.advance(60_000);
  await server.logged("ran true <no value>");
});

test("an asynchronous run that fails is logged", async () => {
  const refuse = `{ name: v, type: step.validate, config: { required_fields: [zz] } }`;
  await using server = await servePipeline([call("{ workflow: child, mode: async }")], { rest: child(refuse) });
  expect((await server.post("/p")).status).toBe(202);
  const record = await server.logged("Asynchronous run failed");
  expect(record.attributes.error).toBe('step "v" failed: validate step "v": missing required fields: zz');
});

test("an input template that fails fails the step", async () => {
  await using server = await servePipeline([call('{ workflow: child, input: { a: "{{ .missing.x }}" } }')], {
    rest: child(set("{ a: 1 }")),
  });
  expect(((await (await server.post("/p")).json()) as { error: string }).error).toContain(
    'workflow_call step "call": failed to resolve input: field "a": template exec error: ',
  );
});
