import { expect, test } from "bun:test";
import { satisfies } from "../../src/plan/requirement.ts";
import { check } from "../harness/server.ts";
import { planOf } from "./fixture.ts";

const requires = (text: string) =>
  `requires: ${text}\npipelines: {p: {steps: []}}\nmodules: [{name: l, type: test.lamp}]\n`;

test.each([
  ["{ capabilities: [light, dark] }"],
  ["{ plugins: [house] }"],
  ["{ plugins: [home] }"],
  ["{ plugins: [{ name: house }] }"],
  ['{ plugins: [{ name: house, version: ">=1.4" }, { name: home, version: ^1.0.0 }] }'],
  ["~"],
  ["{ capabilities: ~, plugins: [] }"],
])("requires: %s is met", (text) => {
  expect(planOf(requires(text))).toMatchObject({ errors: [], warnings: [] });
});

test.each([
  ["{ capabilities: [light, heat, steam] }", "1:35: requirements check failed: unsatisfied capabilities: heat, steam"],
  ["{ plugins: [garden] }", '1:23: requirements check failed: required plugin "garden" is not loaded'],
  [
    '{ plugins: [{ name: house, version: ">=2.0.0" }] }',
    '1:23: requirements check failed: plugin "house" version 1.4.2 does not satisfy constraint ">=2.0.0"',
  ],
  [
    '{ plugins: [{ name: house, version: "new" }] }',
    '1:23: requirements check failed: plugin "house" version check error: invalid constraint "new"',
  ],
  ["light", "1:11: requires: must be a map, got string"],
  ["{ capabilities: light }", "1:27: requires.capabilities: must be a list, got string"],
  ["{ plugins: { house: 1 } }", "1:22: requires.plugins: must be a list, got map"],
])("requires: %s is refused", (text, expected) => {
  expect(planOf(requires(text)).errors).toEqual([expected]);
});

test("an unknown key of requires is a warning", () => {
  expect(planOf(requires("{ plugin: [garden] }")).warnings).toEqual([
    '1:13: requires.plugin: "plugin" is not known here and has no effect (did you mean "plugins"?)',
  ]);
});

test.each([
  ["1.4.2", true],
  ["=1.4.2", true],
  ["v1.4.2", true],
  ["1.4.1", false],
  ["!=1.4.1", true],
  ["!=1.4.2", false],
  [">1.4.1", true],
  [">1.4.2", false],
  [">= 1.4.2", true],
  ["<1.4.2", false],
  ["<=1.4.2", true],
  ["<2", true],
  ["^1.0", true],
  ["^1.5", false],
  ["^2.0", false],
  ["^0.9", false],
  ["~1.4.0", true],
  ["~1.4.3", false],
  ["~1.3.0", false],
  ["", true],
  ["latest", undefined],
  [">=", undefined],
])("version 1.4.2 meets %j: %p", (constraint, expected) => {
  expect(satisfies("1.4.2", constraint)).toBe(expected);
});

test("the plugins of the program are found by their names in the field", async () => {
  const names = ["http", "workflow-plugin-http", "pipeline-steps", "scheduler", "integration", "openapi"];
  const { errors } = await check(`requires: { plugins: [${names.join(", ")}] }\npipelines: {p: {steps: []}}\n`);
  expect(errors).toEqual([]);
});
