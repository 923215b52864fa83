import { expect, test } from "bun:test";
import { ManualClock } from "../../../harness/manual_clock.ts";
import { check } from "../../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline, traces } from "../fixture.ts";

const parallel = (config: string) => `{ name: par, type: step.parallel, config: ${config} }`;
const set = (values: string) => `{ name: s, type: step.set, values: ${values} }`;
/** Waits for a time on the clock and then goes on, or fails. */
const wait = (time: string, then: string) =>
  `{ name: wait, type: step.retry_with_backoff, max_retries: 1, initial_delay: ${time}, max_delay: ${time}, ` +
  `step: { name: try, ${then} } }`;
const fail = "type: step.validate, required_fields: [zz]";
const log = (text: string) => `{ name: log, type: step.log, message: "ran ${text}" }`;

const outputs: readonly [config: string, output: unknown][] = [
  [
    `{ branches: [{ name: b, steps: [${set('{ x: "{{ .body.v }}", y: 1 }')}, ` +
      `${set('{ y: "{{ .x }}{{ .steps.s.x }}" }')}] },` +
      ` { name: a, steps: [${set("{ z: 2 }")}] }] }`,
    { results: { b: { x: "V", y: "VV" }, a: { z: 2 } }, errors: {}, count: 2, failed: 0 },
  ],
  [
    '{ steps: [{ name: one, type: step.set, values: { v: 1 } }, { type: step.set, values: { v: "{{ .v }}" } }] }',
    { results: { one: { v: 1 }, "par-sub-1": { v: "<no value>" } }, errors: {}, count: 2, failed: 0 },
  ],
  [
    `{ branches: [{ name: a, steps: [] }], max_concurrency: 5 }`,
    { results: { a: {} }, errors: {}, count: 1, failed: 0 },
  ],
];

test.each(outputs)("%s gives %j", async (config, output) => {
  await using server = await servePipeline([parallel(config), answerWith("par")]);
  expect(await (await server.post("/p", { v: "V" })).json()).toEqual(output);
});

test("results stand in the order of the branches, and nothing else is left behind", async () => {
  await using server = await servePipeline([
    parallel(`{ branches: [{ name: slow, steps: [${set("{ v: 1 }")}, ${log("slow")}] }, { name: fast, steps: [] }] }`),
    "{ name: answer, type: step.raw_response, config: { content_type: text/plain, " +
      'body: "{{ .v }} {{ .steps.s.v }}" } }',
  ]);
  expect(await (await server.post("/p")).text()).toBe("<no value> <no value>");
});

test("branches run side by side, and at most max_concurrency of them", async () => {
  const clock = new ManualClock();
  const branch = (name: string, time: string) =>
    `{ name: ${name}, steps: [${log(`${name} begins`)}, ${wait(time, fail)}] }`;
  const config =
    `{ max_concurrency: 2, on_failure: collect, branches: [${branch("a", "2s")}, ${branch("b", "1s")}, ` +
    `${branch("c", "1s")}] }`;
  await using server = await servePipeline([parallel(config), answerWith("par")], { clock });
  const pending = server.post("/p");
  await server.logged("ran b begins");
  await clock.advance(999);
  expect(traces(server)).toEqual(["ran a begins", "ran b begins"]);
  await clock.advance(1);
  expect(traces(server)).toEqual(["ran a begins", "ran b begins", "ran c begins"]);
  await clock.advance(1000);
  expect(await (await pending).json()).toMatchObject({ results: {}, count: 3, failed: 3 });
});

test("fail_fast ends the other branches and fails with the first error", async () => {
  const clock = new ManualClock();
  const config =
    `{ branches: [{ name: slow, steps: [${wait("1h", fail)}, ${log("slow")}] }, ` +
    `{ name: bad, steps: [${log("bad begins")}, ${wait("1s", fail)}] }] }`;
  await using server = await servePipeline([parallel(config)], { clock });
  const pending = server.post("/p");
  await server.logged("ran bad begins");
  await clock.advance(1000);
  const reply = await pending;
  expect(reply.status).toBe(400);
  expect(((await reply.json()) as { error: string }).error).toEndWith(
    'parallel step "par": branch "bad", sub-step "wait" failed: retry_with_backoff step "wait": ' +
      'all 2 attempts failed: validate step "try": missing required fields: zz',
  );
  await clock.advance(3_600_000);
  expect(traces(server)).toEqual(["ran bad begins"]);
});

test("fail_fast keeps branches that wait for their turn from beginning", async () => {
  const config = `{ max_concurrency: 1, steps: [{ name: bad, ${fail} }, ${log("never")}] }`;
  await using server = await servePipeline([parallel(config)]);
  expect((await server.post("/p")).status).toBe(400);
  expect(traces(server)).toEqual([]);
});

test("collect waits for all branches and gives the messages", async () => {
  const good = "{ name: good, type: step.set, values: { v: 1 } }";
  const config = `{ on_failure: collect, steps: [{ name: bad, ${fail} }, ${good}] }`;
  await using server = await servePipeline([parallel(config), answerWith("par")]);
  expect(await (await server.post("/p")).json()).toEqual({
    results: { good: { v: 1 } },
    errors: {
      bad: 'parallel step "par": branch "bad", sub-step "bad" failed: validate step "bad": missing required fields: zz',
    },
    count: 2,
    failed: 1,
  });
});

test("a run that is cancelled is no failure to collect", async () => {
  const clock = new ManualClock();
  const config = `{ on_failure: collect, branches: [{ name: a, steps: [${log("begins")}, ${wait("1h", fail)}] }] }`;
  const step = parallel(config).replace("name: par,", "name: par, timeout: 1s,");
  await using server = await servePipeline([step], { clock });
  const pending = server.post("/p");
  await server.logged("ran begins");
  await clock.advance(1000);
  expect((await pending).status).toBe(504);
});

test("a branch that stops ends by itself only", async () => {
  const stop = "{ type: step.raw_response, content_type: text/plain, body: done }";
  const config = `{ branches: [{ name: a, steps: [${stop}, ${log("never")}] }, { name: b, steps: [${log("b")}] }] }`;
  await using server = await servePipeline([
    parallel(config),
    '{ name: after, type: step.log, config: { message: "ran after" } }',
  ]);
  expect(await (await server.post("/p")).text()).toBe("done");
  expect(traces(server)).toEqual(["ran b", "ran after"]);
});

const refused: readonly [config: string, message: string][] = [
  ["{}", "'branches' or 'steps' is required"],
  ["{ steps: [] }", "'branches' or 'steps' is required"],
  ["{ branches: [], steps: [] }", "'branches' and 'steps' are mutually exclusive"],
  ["{ branches: [{ name: a, steps: [] }, { name: a, steps: [] }] }", 'two branches have the name "a"'],
];

test.each(refused)("%s is refused", async (config, message) => {
  const { errors } = await check(pipelineOf([parallel(config)]));
  const where = '13:9: failed to configure pipelines: pipeline "p": step "par" (type step.parallel): ';
  expect(errors).toEqual([`${where}parallel step "par": ${message}`]);
});

test("settings that are wrong are refused where they stand", async () => {
  const of = async (config: string) => (await check(pipelineOf([parallel(config)]))).errors;
  const head = 'pipeline "p": step "par" (type step.parallel): parallel step "par": ';
  expect(await of("{ steps: [], max_concurrency: -1 }")).toEqual([
    `13:81: ${head}'max_concurrency' must be at least 0, got "-1"`,
  ]);
  expect(await of("{ steps: [], on_failure: stop }")).toEqual([
    `13:76: ${head}'on_failure' must be one of fail_fast, collect, got "stop"`,
  ]);
  expect(await of("{ branches: [{ steps: [] }] }")).toEqual([`13:64: ${head}'name' is required`]);
});
