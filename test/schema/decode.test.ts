import { describe, expect, test } from "bun:test";
import { count, node, Type } from "../../src/schema/field.ts";
import { decode } from "./decoding.ts";

const described = { description: "D." };

describe("text", () => {
  const schema = Type.Object({ a: Type.String({ ...described, minLength: 1 }) });
  test.each([
    ["a: word", "word"],
    ["a: 010", "010"],
    ["a: 1.50", "1.50"],
    ["a: true", "true"],
    ["a: yes", "yes"],
    ["a: 2026-03-01", "2026-03-01"],
    ['a: "  "', "  "],
  ])("%s is %p", (yaml, value) => {
    expect(decode(schema, yaml)).toMatchObject({ value: { a: value }, errors: [], warnings: [] });
  });

  test.each([
    ["a: [x]", "1:4 config.a must be text, got list"],
    ["a: {b: c}", "1:4 config.a must be text, got map"],
    ['a: ""', "1:4 config.a must be a non-empty string"],
    ["a:", "1:1 config.a: a is missing"],
  ])("%s is refused", (yaml, problem) => {
    expect(decode(schema, yaml).errors).toEqual([problem]);
  });
});

describe("a switch", () => {
  const schema = Type.Object({ a: Type.Boolean({ ...described, default: true }) });
  test.each([
    ["a: false", false],
    ["a: FALSE", false],
    ['a: "false"', false],
    ['a: "true"', true],
    ["b: 1", true],
  ])("written %s is %p", (yaml, value) => {
    expect(decode(schema, yaml).value).toEqual({ a: value });
  });

  test.each([
    ["a: yes", '1:4 config.a must be true or false, got "yes"; the default true is used'],
    ["a: 0", '1:4 config.a must be true or false, got "0"; the default true is used'],
    ["a: [false]", "1:4 config.a must be true or false, got a list; the default true is used"],
  ])("written %s warns and keeps its default", (yaml, warning) => {
    expect(decode(schema, yaml)).toMatchObject({ value: { a: true }, errors: [], warnings: [warning] });
  });
});

describe("a list", () => {
  const schema = Type.Object({
    a: Type.Array(Type.Object({ n: count({ ...described, default: 1 }) }), { ...described, minItems: 1 }),
  });
  test("decodes each item", () => {
    expect(decode(schema, "a: [{n: 5}, {}]").value).toEqual({ a: [{ n: 5 }, { n: 1 }] });
  });
  test.each([
    ["a: {n: 5}", "1:4 config.a must be a list, got map"],
    ["a: x", "1:4 config.a must be a list, got string"],
    ["a: []", "1:4 config.a must not be empty"],
    ["a: [{n: 1}, 5]", "1:13 config.a[1] must be a map, got number"],
  ])("written %s is refused", (yaml, problem) => {
    expect(decode(schema, yaml).errors).toEqual([problem]);
  });
});

describe("a map of names to values", () => {
  const schema = Type.Object({ a: Type.Record(Type.String(), count(described), { ...described, default: {} }) });
  test("decodes each value and keeps the order of the file", () => {
    expect(Object.entries(decode(schema, 'a: {z: "2", b: 1}').value.a)).toEqual([
      ["z", 2],
      ["b", 1],
    ]);
  });
  test("reports a wrong value under its own name", () => {
    expect(decode(schema, "a:\n  ok: 1\n  bad: x").errors).toEqual(['3:8 config.a.bad must be a number, got "x"']);
  });
});

describe("a default", () => {
  const schema = Type.Object({ a: count({ ...described, default: 3 }), b: Type.Optional(count(described)) });
  test.each([
    [undefined, { a: 3 }],
    ["{}", { a: 3 }],
    ["a: null", { a: 3 }],
    ["a: 4", { a: 4 }],
    ["b: 5", { a: 3, b: 5 }],
  ])("stands in for what %p leaves out", (yaml, value) => {
    expect(decode(schema, yaml)).toMatchObject({ value, errors: [], warnings: [] });
  });
  test("stands in for a value that cannot be used, with a warning", () => {
    expect(decode(schema, "a: many")).toMatchObject({
      value: { a: 3 },
      warnings: ['1:4 config.a must be a number, got "many"; the default 3 is used'],
    });
  });
  test("is missing for an optional value that cannot be used, which is left out with a warning", () => {
    const { value, warnings } = decode(schema, "b: many");
    expect(value).toEqual({ a: 3 });
    expect(warnings).toEqual(['1:4 config.b must be a number, got "many"; it is ignored']);
  });
  test("does not help where a wrong value is an error", () => {
    const strict = Type.Object({ a: count({ ...described, default: 3, invalid: "error" }) });
    expect(decode(strict, "a: many").errors).toEqual(['1:4 config.a must be a number, got "many"']);
  });
});

describe("a required setting", () => {
  const schema = Type.Object({ clientId: Type.String(described) });
  test.each([
    [undefined, "1:1 config.clientId: clientId is missing (no config)"],
    ["{}", "1:1 config.clientId: clientId is missing"],
    ["client_id: x", "1:1 config.clientId: clientId is missing (found client_id)"],
  ])("that %p leaves out is an error", (yaml, problem) => {
    expect(decode(schema, yaml)).toMatchObject({ errors: [problem], warnings: [] });
  });
  test("is found under its other names", () => {
    const aliased = Type.Object({ webhookURL: count({ ...described, aliases: ["url"] }) });
    expect(decode(aliased, "url: 5").value).toEqual({ webhookURL: 5 });
  });
});

describe("an unknown key", () => {
  const schema = Type.Object({ contentType: Type.String({ ...described, default: "" }) });
  test.each([
    [
      "contentTyp: x",
      '1:1 config.contentTyp: "contentTyp" is not known here and has no effect (did you mean "contentType"?)',
    ],
    ["zzz: x", '1:1 config.zzz: "zzz" is not known here and has no effect'],
    [
      "content_type: x",
      '1:1 config.content_type: config field "content_type" uses snake_case; use camelCase "contentType" instead',
    ],
  ])("%s is a warning at its place", (yaml, warning) => {
    expect(decode(schema, yaml)).toMatchObject({ errors: [], warnings: [warning] });
  });
  test("is decoded where the schema lets others in", () => {
    const open = Type.Object(
      { a: Type.String({ ...described, default: "" }) },
      { additionalProperties: count(described) },
    );
    expect(decode(open, 'b: "7"')).toMatchObject({ value: { a: "", b: 7 }, warnings: [] });
  });
});

test("settings that are no map are refused", () => {
  expect(decode(Type.Object({}), "[a]").errors).toEqual(["1:1 config must be a map, got list"]);
});

test("every problem is reported, each at its own place", () => {
  const schema = Type.Object({
    a: count(described),
    b: Type.Object({ c: count(described) }, described),
    d: count(described),
  });
  expect(decode(schema, "a: x\nb:\n  c: [1]\n").errors).toEqual([
    '1:4 config.a must be a number, got "x"',
    "3:6 config.b.c must be a number, got list",
    "1:1 config.d: d is missing",
  ]);
});

test("a field may take the syntax tree with its places", () => {
  const schema = Type.Object({ a: node(described) });
  expect(decode(schema, "\na: [5]").value.a).toMatchObject({
    kind: "list",
    at: { line: 2, column: 4 },
    items: [{ kind: "scalar", value: 5, at: { line: 2, column: 5 } }],
  });
});
