import { expect, test } from "bun:test";
import { and, or } from "../../../src/template/builtin/logic.ts";
import { errorOf, render } from "../fixture.ts";

const data = { nul: null, zero: 0, empty: "", list: [], map: {}, off: false, full: ["x"], bytes: new Uint8Array(0) };

test.each([
  [".missing", "true"],
  [".nul", "true"],
  [".off", "true"],
  [".zero", "true"],
  ["0.0", "true"],
  [".empty", "true"],
  [".list", "true"],
  [".map", "true"],
  [".bytes", "true"],
  ["1", "false"],
  ["-0.5", "false"],
  ['"0"', "false"],
  ['"false"', "false"],
  [".full", "false"],
  ["nil", "true"],
])("not %s is %s", (value, expected) => expect(render(`{{ not ${value} }}`, data)).toBe(expected));

test.each([
  ["and 1 2", "2"],
  ["and 1 .empty 2", ""],
  ["and .missing 1", "<no value>"],
  ["or .empty .zero", "0"],
  ["or .missing 5 6", "5"],
  ["or 0", "0"],
  [".empty | or .zero", ""],
])("%s is %j", (expression, expected) => expect(render(`{{ ${expression} }}`, data)).toBe(expected));

test("what is behind the deciding argument is not evaluated", () => {
  expect(render("{{ and .off .missing.x }}{{ or 1 .missing.x }}", data)).toBe("false1");
  expect(errorOf("{{ and 1 .missing.x }}", data)).toContain("nil pointer evaluating");
});

test("called directly they decide in the same way", () => {
  const site = { clock: { now: () => 0 }, uuid: () => "", numberKinds: [] };
  const scope = { current: {}, steps: {}, trigger: {}, meta: {} };
  expect(and.call([1, null, 2], scope, site)).toBeNull();
  expect(or.call([0, "a", 2], scope, site)).toBe("a");
  expect(or.call([0, ""], scope, site)).toBe("");
});
