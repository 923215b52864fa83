import { expect, test } from "bun:test";
import { compileTemplateValue } from "../../src/template/template_map.ts";
import { scopeOf } from "./fixture.ts";

const scope = scopeOf({ n: 3, name: "Ann" });

test.each([
  ["{{ .n }}", "3"],
  ["plain", "plain"],
  [5, 5],
  [true, true],
  [null, null],
  [undefined, undefined],
  [
    ["{{ .n }}", 1, { a: "{{ .name }}" }],
    ["3", 1, { a: "Ann" }],
  ],
  [{ "{{ .k }}": "{{ .n }}" }, { "{{ .k }}": "3" }],
])("%j resolves to %j", (value, expected) => {
  expect(compileTemplateValue(value).resolve(scope)).toEqual(expected);
});

test("each resolution is a value of its own", () => {
  const value = compileTemplateValue({ list: [1, { a: 2 }] });
  const first = value.resolve(scope);
  const second = value.resolve(scope);
  expect(first).toEqual(second);
  expect(first).not.toBe(second);
  expect(Reflect.get(Object(first), "list")).not.toBe(Reflect.get(Object(second), "list"));
});

test("an error names the fields that lead to it", () => {
  const value = compileTemplateValue({ a: { b: [{ c: "{{ .x.y }}" }] } });
  expect(value.problems).toEqual([]);
  expect(() => value.resolve(scope)).toThrow(
    'field "a": field "b": field "c": template exec error: template: :1:4: executing "" at <.x.y>: ' +
      "nil pointer evaluating interface {}.y",
  );
});

test("syntax errors are known before, with the way to each", () => {
  const value = compileTemplateValue({ a: ["ok", "{{ }}"], b: "{{ upper .n }}" });
  expect(value.problems.map(({ message, details }) => ({ message, details }))).toEqual([
    {
      message: 'field "a": template parse error: template: :1: missing value for command',
      details: { offset: 3, at: ["a", 1] },
    },
    {
      message: 'field "b": template parse error: template: :1: function "upper" not defined',
      details: { offset: 3, at: ["b"] },
    },
  ]);
  expect(() => value.resolve(scope)).toThrow('field "a": template parse error: ');
});

test("a map shows its keys before any run", () => {
  expect(compileTemplateValue({ b: "{{ .n }}", "{{ .k }}": { c: 1 } }).keys).toEqual(["b", "{{ .k }}"]);
  expect(compileTemplateValue(["a"]).keys).toEqual([]);
});

test("references say which template they stand in", () => {
  expect(compileTemplateValue({ a: ["{{ .x }}", "{{ .y.z }}"] }).references).toEqual([
    { path: ["x"], offset: 3, guarded: false, at: ["a", 0] },
    { path: ["y", "z"], offset: 3, guarded: false, at: ["a", 1] },
  ]);
});

test("a key named __proto__ stays data", () => {
  const value: unknown = JSON.parse('{"__proto__": {"polluted": "{{ .n }}"}}');
  const resolved = compileTemplateValue(value).resolve(scope);
  expect(JSON.stringify(resolved)).toBe('{"__proto__":{"polluted":"3"}}');
  expect(Reflect.get(Object(resolved), "polluted")).toBeUndefined();
});
