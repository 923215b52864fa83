import { expect, test } from "bun:test";
import { expandNode, findReferences, splitReference } from "../../src/config/expand.ts";
import { nodeOf, plainValue } from "../../src/schema/node.ts";

const at = { file: "f.yaml", line: 1, column: 1 };

test.each([
  ["NAME", "env", "NAME"],
  ["env:NAME", "env", "NAME"],
  ["vault:secret/data/app#key", "vault", "secret/data/app#key"],
  ["aws-sm:prod/db#url", "aws-sm", "prod/db#url"],
  ["file:a:b", "file", "a:b"],
  ["NAME:-text", "env", "NAME:-text"],
  ["NAME:-http://a:1", "env", "NAME:-http://a:1"],
  ["db.password", "env", "db.password"],
  ["a_b:c", "env", "a_b:c"],
])("${%s} asks %s for %s", (text, scheme, key) => {
  expect(splitReference(text)).toEqual({ scheme, key });
});

test("references are found in values at any depth, not in keys, and not before a template", () => {
  const node = nodeOf({ a: "x ${A} ${B}", "${KEY}": ["${C}", { b: "${{ .total }} $D ${} {E}" }], n: 5 }, at);
  expect([...findReferences(node)].map(({ text }) => text)).toEqual(["A", "B", "C"]);
});

test("each reference is replaced by itself; what has no value stays", () => {
  const node = nodeOf({ a: "${A}-${B}-${A}", list: ["${A}", "plain", 5, true], "${A}": "key stays" }, at);
  const expanded = expandNode(node, new Map([["A", "1"]]));
  expect(plainValue(expanded)).toEqual({ a: "1-${B}-1", list: ["1", "plain", 5, true], "${A}": "key stays" });
});

test("a value that looks like a reference or a pattern is taken as it is", () => {
  const values = new Map([["A", "$& ${B} $1"]]);
  expect(plainValue(expandNode(nodeOf("<${A}>", at), new Map([...values, ["B", "no"]])))).toBe("<$& ${B} $1>");
});

test("the written text is kept for messages, and unchanged parts are the same nodes", () => {
  const node = nodeOf({ secret: "${A}", other: { deep: 1 } }, at);
  const expanded = expandNode(node, new Map([["A", "hidden"]]));
  if (expanded.kind !== "map" || node.kind !== "map") throw new Error("a map stays a map");
  expect(expanded.entries.get("secret")?.value).toMatchObject({ value: "hidden", unexpanded: "${A}" });
  expect(expanded.entries.get("other")?.value).toBe(node.entries.get("other")?.value);
  expect(expandNode(node, new Map())).toBe(node);
});
