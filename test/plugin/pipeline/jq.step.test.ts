import { expect, test } from "bun:test";
import { check, serve } from "../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline } from "./fixture.ts";

const jq = (expression: string, rest = ""): string =>
  `{ name: shape, type: step.jq, config: { expression: ${JSON.stringify(expression)}${rest} } }`;

const failure = 'workflow execution failed: pipeline "p" execution failed: step "shape" failed: ';

test.each([
  ["no output", "empty", { result: null }],
  ["one output", ".body.n + 1", { result: 4 }],
  ["an object, whose keys stand beside the result", ".body | {n, s}", { result: { n: 3, s: "x" }, n: 3, s: "x" }],
  ["an object with a key called result", "{result: 1, a: 2}", { result: 1, a: 2 }],
  ["several outputs", ".body.list[]", { result: [1, 2] }],
  ["a list", ".body.list", { result: [1, 2] }],
  ["numbers that JSON lacks", "[nan, infinite]", { result: [null, Number.MAX_VALUE] }],
])("%s", async (_name, expression, output) => {
  await using server = await servePipeline([jq(expression), answerWith("shape")]);
  const answer = await server.post("/p", { n: 3, s: "x", list: [1, 2] });
  expect(await answer.json()).toEqual(output);
});

test("the input is the current values, which have no steps", async () => {
  await using server = await servePipeline([
    `{ name: first, type: step.set, config: { values: { a: 1 } } }`,
    jq('[.a, has("steps"), .body.n]'),
    answerWith("shape"),
  ]);
  const answer = await server.post("/p", { n: 2 });
  expect(await answer.json()).toMatchObject({ result: [1, false, 2] });
});

test.each([
  ["steps.first.list", "add", 3],
  ["steps", "keys", ["first"]],
  ["body.user", ".name", "Ann"],
])("input_from %s", async (path, expression, result) => {
  await using server = await servePipeline([
    `{ name: first, type: step.set, config: { values: { list: [1, 2] } } }`,
    jq(expression, `, input_from: ${path}`),
    answerWith("shape"),
  ]);
  const answer = await server.post("/p", { user: { name: "Ann" } });
  expect(await answer.json()).toMatchObject({ result });
});

test("an input that is not there fails the step", async () => {
  await using server = await servePipeline([jq(".", ", input_from: body.nope")]);
  const answer = await server.post("/p", {});
  expect(await answer.json()).toMatchObject({
    error: failure + 'jq step "shape": key "nope" not found at path "body.nope"',
  });
});

test("an error of the program fails the step", async () => {
  await using server = await servePipeline([jq(".body.n + []")]);
  const answer = await server.post("/p", { n: 3 });
  expect(answer.status).toBe(500);
  expect(await answer.json()).toMatchObject({
    error: failure + 'jq step "shape": expression error: number (3) and array ([]) cannot be added',
  });
});

test("a program without end is ended", async () => {
  await using server = await servePipeline([jq("[range(infinite)]")]);
  const answer = await server.post("/p", {});
  expect(await answer.json()).toMatchObject({
    error: failure + 'jq step "shape": expression error: took more than 10000000 steps',
  });
});

test("debug writes to the log and passes its input on", async () => {
  await using server = await servePipeline([jq(".body.n | debug | . + 1"), answerWith("shape")], { logLevel: "debug" });
  const answer = await server.post("/p", { n: 3 });
  expect(await answer.json()).toEqual({ result: 4 });
  expect(await server.logged("jq debug")).toMatchObject({ level: "debug", attributes: { step: "shape", value: "3" } });
});

test("a key such as __proto__ is data", async () => {
  await using server = await serve(
    pipelineOf([jq('.body | {a: .["__proto__"], b: (.constructor // 0)}'), answerWith("shape")]),
  );
  const answer = await server.post("/p", '{"__proto__": {"x": 1}}');
  expect(await answer.json()).toEqual({ result: { a: { x: 1 }, b: 0 }, a: { x: 1 }, b: 0 });
});

test.each([
  [".a |", 'jq step "shape": invalid expression ".a |": unexpected end at character 5'],
  [
    ".a + inputs",
    'jq step "shape": invalid expression ".a + inputs": inputs/0: a program has one input, which is `.` at character 6',
  ],
  ["foo(1; 2)", 'jq step "shape": invalid expression "foo(1; 2)": foo/2 is not defined at character 1'],
])("the program %s is refused when the configuration is loaded", async (expression, message) => {
  const { errors } = await check(pipelineOf([jq(expression)]));
  expect(errors).toEqual([
    `13:9: failed to configure pipelines: pipeline "p": step "shape" (type step.jq): ${message}`,
  ]);
});

test("an expression is required", async () => {
  const { errors } = await check(pipelineOf(["{ name: shape, type: step.jq, config: {} }"]));
  expect(errors).toEqual([
    `13:47: pipeline "p": step "shape" (type step.jq): jq step "shape": 'expression' is required`,
  ]);
});
