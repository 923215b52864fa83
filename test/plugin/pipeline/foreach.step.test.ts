import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check } from "../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline, trace, traces } from "./fixture.ts";

const loop = (config: string) => `{ name: loop, type: step.foreach, config: ${config} }`;
const set = (values: string) => `step: { type: step.set, values: ${values} }`;

const outputs: readonly [config: string, body: unknown, output: unknown][] = [
  [
    `{ collection: body.l, ${set('{ v: "{{ .item }}:{{ .index }}" }')} }`,
    { l: ["a", "b"] },
    { results: [{ v: "a:0" }, { v: "b:1" }], count: 2 },
  ],
  [
    "{ collection: trigger.body.l, item_var: row, index_key: at, " +
      `${set('{ v: "{{ .row.x }}{{ .at }}{{ .foreach.index }}{{ .foreach.row.x }}" }')} }`,
    { l: [{ x: "q" }] },
    { results: [{ v: "q00q" }], count: 1 },
  ],
  [`{ collection: body.l, item_key: e, ${set('{ v: "{{ .e }}" }')} }`, { l: [1] }, { results: [{ v: "1" }], count: 1 }],
  ["{ collection: body.l }", { l: [1, 2] }, { results: [{}, {}], count: 2 }],
  ["{ collection: body.l }", { l: null }, { results: [], count: 0 }],
  [
    `{ collection: body.l, steps: [
        { name: a, type: step.set, config: { values: { x: "{{ .item }}" } } },
        { type: step.set, values: { y: "{{ .steps.a.x }}{{ .x }}" } } ] }`.replaceAll(/\s+/g, " "),
    { l: ["k"] },
    { results: [{ x: "k", y: "kk" }], count: 1 },
  ],
];

test.each(outputs)("%s of %j gives %j", async (config, body, output) => {
  await using server = await servePipeline([loop(config), answerWith("loop")]);
  expect(await (await server.post("/p", body)).json()).toEqual(output);
});

test("nothing of an iteration is left behind but the results", async () => {
  await using server = await servePipeline([
    loop(`{ collection: body.l, ${set('{ v: "{{ .item }}" }')} }`),
    `{ name: answer, type: step.json_response, config: { body: { v: "{{ .v }}", item: "{{ .item }}", f: "{{ ` +
      `.foreach }}" } } }`,
  ]);
  const none = "<no value>";
  expect(await (await server.post("/p", { l: [1] })).json()).toEqual({ v: none, item: none, f: none });
});

test("in nested loops .foreach is the outer one's", async () => {
  const inner =
    `{ name: inner, type: step.foreach, collection: item, item_var: cell, ` +
    `${set('{ v: "{{ .foreach.index }}{{ .cell }}" }')} }`;
  await using server = await servePipeline([
    loop(`{ collection: body.l, steps: [${inner}] }`),
    `{ name: answer, type: step.json_response, config: { body_from: steps.loop.results } }`,
  ]);
  expect(await (await server.post("/p", { l: [["a"], ["b"]] })).json()).toEqual([
    { results: [{ v: "0a" }], count: 1 },
    { results: [{ v: "1b" }], count: 1 },
  ]);
});

test("a sub-step that stops ends its iteration only, and jumps lead nowhere", async () => {
  await using server = await servePipeline([
    loop(
      `{ collection: body.l, steps: [
      { type: step.conditional, field: item, routes: { x: later }, default: later },
      { type: step.log, message: "ran {{ .item }}" },
      { type: step.raw_response, content_type: text/plain, body: "{{ .item }}" },
      { type: step.log, message: "ran never" } ] }`.replaceAll(/\s+/g, " "),
    ),
    trace("later"),
  ]);
  // The status and headers of the first answer win; later bodies are appended.
  expect(await (await server.post("/p", { l: ["x", "y"] })).text()).toBe("xy");
  expect(traces(server)).toEqual(["ran x", "ran y", "ran later"]);
});

const failing: readonly [config: string, body: unknown, message: string][] = [
  ["{ collection: body.l }", { l: "text" }, "expected a slice, got string"],
  ["{ collection: body.l }", { l: { a: 1 } }, "expected a slice, got map[string]interface {}"],
  ["{ collection: body.nope }", {}, 'collection "body.nope" not found in context'],
  ["{ collection: constructor }", {}, 'collection "constructor" not found in context'],
  [
    `{ collection: body.l, steps: [{ name: s, type: step.validate, required_fields: [zz] }] }`,
    { l: [1] },
    'iteration 0, sub-step "s" failed: validate step "s": missing required fields: zz',
  ],
];

test.each(failing)("%s of %j fails", async (config, body, message) => {
  await using server = await servePipeline([loop(config)]);
  expect((await (await server.post("/p", body)).json()) as object).toMatchObject({
    error:
      `workflow execution failed: pipeline "p" execution failed: step "loop" failed: ` +
      `foreach step "loop": ${message}`,
  });
});

test("an item under the name __proto__ changes no prototype", async () => {
  await using server = await servePipeline([
    loop(`{ collection: body.l, item_var: __proto__, ${set('{ v: "{{ .polluted }}" }')} }`),
    answerWith("loop"),
  ]);
  expect(await (await server.post("/p", { l: [{ polluted: "yes" }] })).json()).toEqual({
    results: [{ v: "<no value>" }],
    count: 1,
  });
});

test("step and steps together are refused, and unknown types inside are named", async () => {
  const head = 'pipeline "p": step "loop" (type step.foreach): ';
  const one = "{ type: step.log, message: x }";
  expect((await check(pipelineOf([loop(`{ collection: a, step: ${one}, steps: [${one}] }`)]))).errors).toEqual([
    `13:9: failed to configure pipelines: ${head}foreach step "loop": 'step' and 'steps' are mutually exclusive`,
  ]);
  expect((await check(pipelineOf([loop("{ collection: a, step: { type: step.lgo } }")]))).errors).toEqual([
    '13:82: pipeline "p": step "loop-step" (type step.lgo): unknown step type: step.lgo',
  ]);
});

test("a loop of many items lets other work go on", async () => {
  await using server = await servePipeline([
    loop(`{ collection: body.l, ${set('{ v: "{{ .item }}" }')} }`),
    `{ name: answer, type: step.json_response, config: { body: { n: { _from: steps.loop.count } } } }`,
  ]);
  expect(await (await server.post("/p", { l: new Array(3000).fill(1) })).json()).toEqual({ n: 3000 });
});

const wait =
  "{ name: wait, type: step.retry_with_backoff, max_retries: 1, initial_delay: 1s, max_delay: 1s, " +
  "step: { name: try, type: step.validate, required_fields: [zz] } }";

test("with concurrency an item may overtake another one, and results keep their order", async () => {
  const clock = new ManualClock();
  // An item that is no list is tried again a second later.
  const slow =
    "{ type: step.parallel, on_failure: collect, steps: [{ name: again, type: step.retry_with_backoff, " +
    "max_retries: 1, initial_delay: 1s, step: { type: step.foreach, collection: item } }] }";
  const done = `{ type: step.log, message: "ran {{ .index }}" }, { type: step.set, values: { v: "{{ .index }}" } }`;
  const config = `{ collection: body.l, concurrency: 2, steps: [${slow}, ${done}] }`;
  await using server = await servePipeline([loop(config), answerWith("loop")], { clock });
  const pending = server.post("/p", { l: ["slow", [], []] });
  await server.logged("ran 2");
  await clock.advance(1000);
  expect(await (await pending).json()).toMatchObject({ results: [{ v: "0" }, { v: "1" }, { v: "2" }], count: 3 });
  expect(traces(server)).toEqual(["ran 1", "ran 2", "ran 0"]);
});

test("no more items than concurrency are begun, and the first failure ends the others", async () => {
  const clock = new ManualClock();
  const log = '{ type: step.log, message: "ran {{ .item }}" }';
  const config = `{ collection: body.l, concurrency: 2, steps: [${log}, ${wait}] }`;
  await using server = await servePipeline([loop(config)], { clock });
  const pending = server.post("/p", { l: ["a", "b", "c"] });
  await server.logged("ran b");
  await clock.advance(1000);
  expect((await pending).status).toBe(400);
  await clock.advance(60_000);
  expect(traces(server)).toEqual(["ran a", "ran b"]);
});

test.each([
  ["body.l", { l: "text" }, 400],
  ["trigger.body.l", { l: "text" }, 400],
  ["body.l", {}, 400],
  ["path", {}, 500],
  ["steps.s.l", {}, 500],
])("the status for a %s of %j that is no list is %i", async (collection, body, status) => {
  const set = "{ name: s, type: step.set, config: { values: { l: text } } }";
  await using server = await servePipeline([set, loop(`{ collection: ${collection} }`)]);
  expect((await server.post("/p", body)).status).toBe(status);
});

test("a loop that no request runs has no client to blame", async () => {
  const child = `
  child:
    steps:
      - ${loop("{ collection: body.l }")}
`;
  const call = "{ name: call, type: step.workflow_call, config: { workflow: child, mode: async } }";
  await using server = await servePipeline([call], { rest: child });
  await server.post("/p", { l: 1 });
  const record = await server.logged("Step failed");
  expect(record.level).toBe("error");
});

test("concurrency is at least 1", async () => {
  const { errors } = await check(pipelineOf([loop("{ collection: a, concurrency: 0 }")]));
  expect(errors).toEqual([
    '13:81: pipeline "p": step "loop" (type step.foreach): foreach step "loop": ' +
      `'concurrency' must be at least 1, got "0"`,
  ]);
});
