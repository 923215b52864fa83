import { describe, expect, test } from "bun:test";
import {
  compileBodyPath,
  compileCollectionPath,
  compileDottedPath,
  compileFieldPath,
  compileOutputPath,
  compileSourcePath,
  compileWrapped,
} from "../../src/template/expression.ts";
import type { TemplateScope } from "../../src/template/template_scope.ts";

const scope: TemplateScope = {
  current: {
    status: "OK",
    n: 1000000,
    flag: true,
    user: { name: "Ann", tags: ["a"] },
    "a.b": "exact",
    "my-key": 1,
    nil: null,
  },
  steps: { "get-user": { row: { id: 7 }, found: true } },
  trigger: { body: { items: [1] }, "x.y": "exact in trigger", n: 2 },
  meta: { pipeline: "orders" },
};
const noSteps: TemplateScope = { ...scope, steps: {}, current: { steps: { own: 1 } } };

describe("the field of a condition", () => {
  test.each([
    ["status", "OK"],
    ["status | lower", "ok"],
    ["user.name", "Ann"],
    ["n", "1000000"],
    ["flag", "true"],
    ["missing", "<no value>"],
    ["my-key", "1"],
    ["steps.get-user.row.id", "7"],
    ["steps.no-such.x", "<no value>"],
    ["trigger.n", "2"],
  ])("%s is %s", (text, expected) => expect(compileFieldPath(text).render(scope)).toBe(expected));

  test("keeps its own text, and positions in it", () => {
    expect(compileFieldPath("user.name | lower")).toMatchObject({
      text: "user.name | lower",
      references: [{ path: ["user", "name"], offset: 0 }],
    });
    expect(compileFieldPath("steps.get-user.row").references).toMatchObject([{ path: ["steps", "get-user", "row"] }]);
    expect(compileFieldPath("user | upper").problem).toMatchObject({ details: { offset: 7 } });
  });
});

describe("an expression without braces", () => {
  test.each([
    [".user.name", "Ann"],
    ['step "get-user" "row" "id"', "7"],
    [".missing", "<no value>"],
  ])("%s is %s", (text, expected) => expect(compileWrapped(text).render(scope)).toBe(expected));

  test("keeps its own text, and positions in it", () => {
    expect(compileWrapped("lower .user.name")).toMatchObject({
      text: "lower .user.name",
      references: [{ path: ["user", "name"], offset: 6 }],
    });
    expect(compileWrapped("lower | upper").problem).toMatchObject({ details: { offset: 8 } });
  });
});

describe("a body path", () => {
  test.each([
    ["status", "OK"],
    ["user", { name: "Ann", tags: ["a"] }],
    ["user.name", "Ann"],
    ["user.tags.0", undefined],
    ["user.name.x", undefined],
    ["missing.x", undefined],
    ["steps.get-user", { row: { id: 7 }, found: true }],
    ["steps.get-user.row.id", 7],
    ["steps.none.x", undefined],
    ["trigger.n", undefined],
    ["meta.pipeline", undefined],
    ["nil", null],
    ["constructor", undefined],
    ["user.__proto__", undefined],
  ])("%s is %j", (text, expected) => expect(compileBodyPath(text).get(scope)).toEqual(expected));

  test("shows its names", () => expect(compileBodyPath("steps.a.b").path).toEqual(["steps", "a", "b"]));
});

describe("a dotted path", () => {
  test.each([
    ["status", "OK"],
    [".user..name", "Ann"],
    ["steps.get-user.row.id", 7],
    ["nil", null],
  ])("%s is %j", (text, expected) => expect(compileDottedPath(text).get(scope)).toEqual(expected));

  test.each([
    ["missing", 'key "missing" not found at path "missing"'],
    ["user.x", 'key "x" not found at path "user.x"'],
    ["user.name.x", 'cannot traverse into non-map at "user.name"'],
    ["user.tags.x", 'cannot traverse into non-map at "user.tags"'],
    ["steps.none", 'key "none" not found at path "steps.none"'],
    ["trigger.n", 'key "trigger" not found at path "trigger"'],
    ["constructor", 'key "constructor" not found at path "constructor"'],
  ])("%s fails: %s", (text, message) => expect(() => compileDottedPath(text).get(scope)).toThrow(message));

  test("starts at further roots when they are allowed", () => {
    const roots = ["steps", "trigger", "meta"] as const;
    expect(compileDottedPath("trigger.n", { roots }).get(scope)).toBe(2);
    expect(compileDottedPath("meta.pipeline", { roots }).get(scope)).toBe("orders");
  });

  test("before any step has run, steps is a name like any other", () => {
    expect(compileDottedPath("steps.own").get(noSteps)).toBe(1);
  });

  test("without a name it is everything", () => {
    expect(compileDottedPath("").get({ ...noSteps, current: { a: 1 } })).toEqual({ a: 1 });
    expect(Object.keys(Object(compileDottedPath(".").get(scope)))).toContain("steps");
  });
});

describe("the source of a validation", () => {
  test.each([
    ["", scope.current],
    ["steps.get-user", { row: { id: 7 }, found: true }],
    ["steps.get-user.row", { id: 7 }],
    ["steps.get-user.found", undefined],
    ["steps.none", undefined],
    ["steps", undefined],
    ["user", undefined],
  ])("%j is %j", (text, expected) => expect(compileSourcePath(text).get(scope)).toEqual(expected));
});

describe("the collection of a loop", () => {
  test.each([
    ["a.b", "exact"],
    ["x.y", "exact in trigger"],
    ["n", 1000000],
    ["user.tags", ["a"]],
    ["steps.get-user.row", { id: 7 }],
    ["trigger.body.items", [1]],
    ["body", { items: [1] }],
    ["body.items", undefined],
    ["missing", undefined],
  ])("%s is %j", (text, expected) => expect(compileCollectionPath(text).get(scope)).toEqual(expected));
});

describe("an output path", () => {
  test.each([
    ["a.b", "exact"],
    ["user.name", "Ann"],
    ["missing.x", undefined],
  ])("%s is %j", (text, expected) => expect(compileOutputPath(text)(scope.current)).toEqual(expected));
});
