import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline } from "./fixture.ts";

const parse = `{ name: parse, type: step.request_parse, config: { parse_body: true } }`;
const validate = (config: string) => `{ name: check, type: step.validate, config: ${config} }`;
const ok = `{ name: answer, type: step.json_response, config: { body: { ok: "yes" } } }`;
const failed = 'workflow execution failed: pipeline "p" execution failed: step "check" failed: validate step "check": ';

/** Posts a body to a server that checks `steps.parse.body`, and gives status and answer. */
async function judge(config: string, body: unknown): Promise<{ status: number; answer: Record<string, unknown> }> {
  await using server = await servePipeline([parse, validate(`{ source: steps.parse.body, ${config} }`), ok]);
  const reply = await server.post("/p", body);
  return { status: reply.status, answer: (await reply.json()) as Record<string, unknown> };
}

test("required fields must be there; null and empty values count as there", async () => {
  const config = "required_fields: [a, b, c]";
  expect(await judge(config, { a: null, b: "", c: 0 })).toEqual({ status: 200, answer: { ok: "yes" } });
  expect(await judge(config, { b: 1 })).toEqual({
    status: 400,
    answer: {
      error: `${failed}missing required fields: a, c`,
      fields: [
        { field: "a", rule: "required", message: 'field "a" is required' },
        { field: "c", rule: "required", message: 'field "c" is required' },
      ],
    },
  });
});

test("a key of an object's prototype is not a field", async () => {
  const { status } = await judge("required_fields: [constructor]", {});
  expect(status).toBe(400);
});

test("without a source all current values are checked", async () => {
  await using server = await servePipeline([validate("{ required_fields: [body, method] }"), ok]);
  expect((await server.post("/p", {})).status).toBe(200);
  expect((await server.post("/p")).status).toBe(400);
});

test("a source that is no map is refused", async () => {
  const { status, answer } = await judge("required_fields: [a]", undefined);
  expect(status).toBe(400);
  expect(answer.error).toBe(`${failed}source "steps.parse.body" resolved to nil`);
});

test("json_schema checks required keys and the types of present fields", async () => {
  const config =
    `strategy: json_schema, schema: { required: [n], properties: { s: { type: string }, n: { type: ` +
    `integer }, b: { type: boolean }, o: { type: object }, l: { type: array },` +
    ` x: { type: odd } } }`;
  expect((await judge(config, { n: 1.5, s: "", b: false, o: {}, l: [], x: 1 })).status).toBe(200);
  const { status, answer } = await judge(config, { s: 1, b: "true", o: [], l: {}, n: null });
  expect(status).toBe(400);
  expect(answer.error).toBe(
    `${failed}field "s": expected string, got number; field "n": expected integer, got null; ` +
      `field "b": expected boolean, got string; field "o": expected object, got array; ` +
      `field "l": expected array, got object`,
  );
  expect((await judge(config, {})).answer.error).toBe(`${failed}missing required fields: n`);
});

const accepted: readonly [rule: string, value: unknown][] = [
  ["{ field: f, rule: required }", 0],
  ["{ field: f, rule: email }", "a.b+c@example.com"],
  ["{ field: f, rule: url }", "https://example.com/x?y=1"],
  ["{ field: f, rule: uuid }", "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"],
  ["{ field: f, rule: min, value: 18 }", 18],
  ["{ field: f, rule: max, value: 5 }", "5"],
  ["{ field: f, rule: minLength, value: 2 }", "éé"],
  ["{ field: f, rule: maxLength, value: 2 }", "👍👍"],
  ["{ field: f, rule: minLength, value: 1 }", [1]],
  ['{ field: f, rule: pattern, value: "^[A-Z]{3}-[0-9]+$" }', "ABC-12"],
  ["{ field: f, rule: enum, value: [red, 2] }", "2"],
  ["{ field: f, rule: integer }", "12"],
  ["{ field: f, rule: number }", -1.5],
  ["{ field: f, rule: boolean }", false],
  ["{ field: f, rule: date }", "2024-02-29"],
  ["{ field: f, rule: date }", "2026-03-01T10:00:00+02:00"],
  ["{ field: f, rule: email }", null],
  ["{ field: f.g, rule: integer }", { g: 1 }],
];

test.each(accepted)("%s accepts %j", async (rule, value) => {
  expect((await judge(`rules: [${rule}]`, { f: value })).status).toBe(200);
});

const refused: readonly [rule: string, value: unknown, message: string][] = [
  ["{ field: f, rule: required }", "", "missing required fields: f"],
  ["{ field: f, rule: required }", [], "missing required fields: f"],
  ["{ field: f, rule: email }", "a@b@", 'field "f" must be an email address'],
  ["{ field: f, rule: url }", "javascript:alert(1)", 'field "f" must be an absolute http or https URL'],
  ["{ field: f, rule: uuid }", "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5", 'field "f" must be a UUID'],
  ["{ field: f, rule: min, value: 18 }", 17, 'field "f" must be at least 18'],
  ["{ field: f, rule: max, value: 5 }", "6", 'field "f" must be at most 5'],
  ["{ field: f, rule: min, value: 1 }", "x", 'field "f" must be at least 1'],
  ["{ field: f, rule: minLength, value: 2 }", "é", 'field "f" must have at least 2 characters'],
  ["{ field: f, rule: maxLength, value: 1 }", [1, 2], 'field "f" must have at most 1 items'],
  ['{ field: f, rule: pattern, value: "^a+$" }', "ab", 'field "f" must match ^a+$'],
  ["{ field: f, rule: enum, value: [red, 2] }", "3", 'field "f" must be one of red, 2'],
  ["{ field: f, rule: integer }", 1.5, 'field "f" must be a whole number'],
  ["{ field: f, rule: number }", "", 'field "f" must be a number'],
  ["{ field: f, rule: boolean }", 1, 'field "f" must be true or false'],
  ["{ field: f, rule: date }", "2023-02-29", 'field "f" must be a date such as 2026-03-01 or 2026-03-01T10:00:00Z'],
  ["{ field: f.g, rule: required }", { g: null }, "missing required fields: f.g"],
];

test.each(refused)("%s refuses %j", async (rule, value, message) => {
  const { status, answer } = await judge(`rules: [${rule}]`, { f: value });
  expect({ status, error: answer.error }).toEqual({ status: 400, error: failed + message });
});

test("every field that breaks a rule is listed", async () => {
  const rules = "rules: [{ field: a, rule: required }, { field: b, rule: email }, { field: c, rule: min, value: 1 }]";
  const { answer } = await judge(rules, { b: "x", c: 0 });
  expect(answer.fields).toEqual([
    { field: "a", rule: "required", message: 'field "a" is required' },
    { field: "b", rule: "email", message: 'field "b" must be an email address' },
    { field: "c", rule: "min", message: 'field "c" must be at least 1' },
  ]);
});

test("a text that is longer than a pattern may take is refused", async () => {
  const { answer } = await judge('rules: [{ field: f, rule: pattern, value: "a" }]', { f: "a".repeat(100_001) });
  expect(answer.error).toBe(`${failed}field "f" must not be longer than 100000 characters`);
});

test("checks of the same step add up, and the step gives nothing", async () => {
  const config = "{ required_fields: [body], rules: [{ field: method, rule: enum, value: [POST] }] }";
  await using server = await servePipeline([validate(config), answerWith("check")]);
  expect(await (await server.post("/p", {})).json()).toEqual({});
  expect((await server.post("/p")).status).toBe(400);
});

const head = 'failed to configure pipelines: pipeline "p": step "check" (type step.validate): validate step "check": ';
const wrong: readonly [config: string, message: string][] = [
  ["{}", `13:9: ${head}'required_fields' is required and must not be empty`],
  ["{ strategy: json_schema }", `13:9: ${head}'schema' is required for strategy json_schema`],
  ["{ schema: { required: a } }", `13:9: ${head}schema 'required' must be an array`],
  ["{ rules: [{ field: f, rule: min }] }", `13:9: ${head}rule min of field "f" needs a number as its 'value'`],
  [
    '{ rules: [{ field: f, rule: pattern, value: "(?=a)" }] }',
    `13:9: ${head}rule pattern of field "f": invalid pattern "(?=a)": ` +
      "error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
  ],
  [
    "{ strategy: other, required_fields: [a] }",
    `13:65: pipeline "p": step "check" (type step.validate): validate step "check": ` +
      `'strategy' must be one of required_fields, json_schema, got "other"`,
  ],
  [
    "{ rules: [{ field: f, rule: emial }] }",
    `13:81: pipeline "p": step "check" (type step.validate): validate step "check": ` +
      `'rule' must be one of required, email, url, uuid, min, max, minLength, maxLength, pattern, enum, ` +
      `integer, number, boolean, date, got "emial" (did you mean "email"?)`,
  ],
];

test.each(wrong)("the configuration %s is refused", async (config, message) => {
  expect((await check(pipelineOf([validate(config)]))).errors).toEqual([message]);
});
