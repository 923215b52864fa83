import { expect, test } from "bun:test";
import { errorOf, render } from "../fixture.ts";

const data = { zero: 0, off: false, empty: "", list: [], map: {}, nul: null, name: "Ann" };

test.each([
  ['{{ .missing | default "d" }}', "d"],
  ['{{ .nul | default "d" }}', "d"],
  ['{{ .empty | default "d" }}', "d"],
  ['{{ .zero | default "d" }}', "0"],
  ['{{ .off | default "d" }}', "false"],
  ['{{ .list | default "d" }}', "[]"],
  ['{{ .map | default "d" }}', "map[]"],
  ['{{ default "d" .name }}', "Ann"],
  ['{{ default .name "the other way round" }}', "the other way round"],
])("%s is %s", (text, expected) => expect(render(text, data)).toBe(expected));

test("does not save a path that leads through nothing", () => {
  expect(errorOf('{{ .missing.x | default "d" }}', data)).toContain("nil pointer evaluating interface {}.x");
});
