import { describe, expect, test } from "bun:test";
import { parseYaml } from "../../src/config/parse.ts";
import { child } from "../../src/schema/node.ts";
import { compare, compareExactly, textMatches } from "../../src/workflow_test/compare.ts";

/** Compares the value of `expected:` and gives the differences as texts. */
function differences(expected: string, actual: unknown, how = compare): readonly string[] {
  const node = child(
    parseYaml(`expected: ${expected}`, "a.yaml", () => undefined),
    "expected",
  );
  if (node === undefined) throw new Error("no node");
  return how(node, actual, { path: "it", at: node.at }).map(
    ({ path, at, expected: wanted, got }) => `${at.line}:${at.column} ${path}: ${wanted} / ${got}`,
  );
}

describe("what is as expected", () => {
  test.each<[string, unknown]>([
    ["5", 5],
    ["null", null],
    ["{ a: 1 }", { a: 1, b: 2 }],
    ["[1, { a: 1 }]", [1, { a: 1, b: 2 }]],
    ["/^ch_\\d+$/", "ch_12"],
    ["/PAID/i", "was paid"],
    ["/5/", 15],
    ["{ $any: true }", null],
    ["{ a: { $absent: true } }", {}],
    ["{ $gt: 4 }", 5],
    ["{ $gte: 5 }", 5],
    ["{ $lt: 6 }", 5],
    ["{ $lte: 5 }", 5],
    ["{ $length: 2 }", ["a", "b"]],
    ["{ $length: { $gt: 1 } }", "abc"],
    ["{ $contains: { a: 1 } }", [0, { a: 1, b: 2 }]],
    ["{ $contains: b }", "abc"],
    ["{ $exact: { a: 1 } }", { a: 1 }],
    ["{ $exact: /x/ }", "/x/"],
  ])("%s is %j", (expected, actual) => {
    expect(differences(expected, actual)).toEqual([]);
  });
});

describe("what is not", () => {
  test.each<[string, unknown, string]>([
    ["5", "5", '1:11 it: 5 / "5"'],
    ["{ a: { b: 1 } }", { a: { b: 2 } }, "1:21 it.a.b: 1 / 2"],
    ["{ a: 1 }", {}, "1:16 it.a: 1 / nothing"],
    ["{ toString: { $any: true } }", {}, "1:23 it.toString: any value / nothing"],
    ["{ a: 1 }", [1], "1:11 it: a map / [1]"],
    ["[1, 2]", [1], "1:15 it.1: 2 / nothing"],
    ["[1]", [1, 2], "1:11 it.1: nothing / 2"],
    ["[1]", "1", '1:11 it: a list / "1"'],
    ["/^a$/", "ab", '1:11 it: /^a$/ / "ab"'],
    ["/a/", ["a"], '1:11 it: /a/ / ["a"]'],
    ["{ $any: true }", undefined, "1:11 it: any value / nothing"],
    ["{ $absent: true }", 1, "1:11 it: nothing / 1"],
    ["{ $gt: 5 }", 5, "1:11 it: more than 5 / 5"],
    ["{ $gte: 5 }", 4, "1:11 it: at least 5 / 4"],
    ["{ $lt: 5 }", 5, "1:11 it: less than 5 / 5"],
    ["{ $lte: 5 }", 6, "1:11 it: at most 5 / 6"],
    ["{ $gt: 5 }", "6", '1:11 it: more than 5 / "6"'],
    ["{ $length: 2 }", [1], "1:22 it.length: 2 / 1"],
    ["{ $contains: 3 }", [1], "1:11 it: something that contains 3 / [1]"],
    ["{ $exact: { a: 1 } }", { a: 1, b: 2 }, "1:21 it.b: nothing / 2"],
    ["{ $exact: /x/ }", "x", '1:21 it: "/x/" / "x"'],
  ])("%s is not %j", (expected, actual, difference) => {
    expect(differences(expected, actual)).toEqual([difference]);
  });
});

test("an exact comparison knows neither patterns nor parts", () => {
  expect(differences("{ a: /x/ }", { a: "x", b: 1 }, compareExactly)).toEqual([
    '1:16 it.a: "/x/" / "x"',
    "1:11 it.b: nothing / 1",
  ]);
});

test.each([
  ["disk full", "the disk full error", true],
  ["/^disk/", "the disk", false],
  ["/^disk/", "disk full", true],
])("the text %s in %s: %p", (expected, actual, isIn) => {
  expect(textMatches(expected, actual)).toBe(isIn);
});
