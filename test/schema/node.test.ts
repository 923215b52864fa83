import { expect, test } from "bun:test";
import { parseYaml } from "../../src/config/parse.ts";
import {
  child,
  nodeOf,
  plainValue,
  type ScalarNode,
  scalarText,
  shownText,
  typeName,
  writtenText,
} from "../../src/schema/node.ts";

const parsed = (yaml: string) => parseYaml(yaml, "c.yaml", () => {});
const at = { file: "c.yaml", line: 3, column: 7 };
const scalar = (value: ScalarNode["value"], more: Partial<ScalarNode> = {}): ScalarNode => ({
  kind: "scalar",
  at,
  value,
  ...more,
});

test("a node made of a value gives the value again", () => {
  const value = { b: [1, "x", null, true], a: { c: 1.5 } };
  expect(plainValue(nodeOf(value, at))).toEqual(value);
  expect(Object.keys(plainValue(nodeOf(value, at)) ?? {})).toEqual(["b", "a"]);
});

test("every part of a node made of a value stands at the given place", () => {
  expect(child(nodeOf({ a: [5] }, at), "a")).toEqual({ kind: "list", at, items: [{ kind: "scalar", at, value: 5 }] });
});

test.each([[undefined], [() => 5], [Symbol("s")]])("%p in a value becomes null", (value) => {
  expect(nodeOf(value, at)).toEqual({ kind: "scalar", at, value: null });
});

test("no node has no value", () => {
  expect(plainValue(undefined)).toBeUndefined();
});

test.each([
  [parsed("a: 5"), "a", "5"],
  [parsed("a: 5"), "b", undefined],
  [parsed("a: null"), "a", undefined],
  [parsed("a: [x]"), "a", undefined],
  [parsed("[a]"), "0", undefined],
  [undefined, "a", undefined],
])("the text of an entry (%#)", (node, key, text) => {
  expect(scalarText(child(node, key))).toBe(text);
});

test("a key of every object's prototype is not an entry", () => {
  expect(child(parsed("a: 5"), "toString")).toBeUndefined();
});

test.each([
  [scalar("text"), "text"],
  [scalar(8, { source: "010" }), "010"],
  [scalar(1.5, { source: "1.50" }), "1.50"],
  [scalar(true), "true"],
  [scalar(null), "null"],
])("a scalar is read as it was written (%#)", (node, text) => {
  expect(writtenText(node)).toBe(text);
});

test.each([
  [scalar("x"), '"x"'],
  [scalar("hunter2", { unexpanded: "${PASSWORD}" }), '"${PASSWORD}"'],
  [scalar("a".repeat(81)), `"${"a".repeat(77)}..."`],
  [nodeOf({ a: 1 }, at), "a map"],
  [nodeOf([1], at), "a list"],
])("a value is shown without what a reference stands for, and short (%#)", (node, text) => {
  expect(shownText(node)).toBe(text);
});

test.each([
  [scalar("x"), "string"],
  [scalar(5), "number"],
  [scalar(true), "boolean"],
  [scalar(null), "null"],
  [nodeOf([], at), "list"],
  [nodeOf({}, at), "map"],
])("a value's type has a name (%#)", (node, name) => {
  expect(typeName(node)).toBe(name);
});
