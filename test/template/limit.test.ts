import { expect, test } from "bun:test";
import { compileTemplate } from "../../src/template/template.ts";
import { errorOf, render, scopeOf } from "./fixture.ts";

test("loops stop at a million turns, nested ones multiplied", () => {
  expect(errorOf("{{ range 1001 }}{{ range 1000 }}{{ end }}{{ end }}")).toContain("more than 1000000 iterations");
  expect(errorOf("{{ range 2000000 }}{{ end }}")).toContain("more than 1000000 iterations");
});

test("templates that call each other twice as often at each level stop as well", () => {
  const text = '{{ define "t" }}{{ template "t" . }}{{ template "t" . }}{{ end }}{{ template "t" . }}';
  expect(errorOf(text)).toContain("exceeded maximum template depth (200)");
});

test("templates that branch widely count like loops", () => {
  const call = '{{ template "t" (slice . 1) }}';
  const text = `{{ define "t" }}{{ if . }}${call}${call}{{ end }}{{ end }}{{ template "t" .list }}`;
  expect(errorOf(text, { list: new Array(25).fill(1) })).toContain("more than 1000000 iterations");
});

test("output stops at 10 Mi characters", () => {
  expect(errorOf("{{ range 1000000 }}a line of eleven{{ end }}")).toContain(
    "output is longer than 10485760 characters",
  );
});

test("text that doubles with every turn is refused before it fills the memory", () => {
  expect(errorOf('{{ $x := "ab" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}')).toContain(
    "functions made more than 10485760 characters of text at once",
  );
});

test("text made again and again is refused even when none is written", () => {
  const text = "{{ range 1000000 }}{{ if eq (print $.long) `` }}{{ end }}{{ end }}";
  expect(errorOf(text, { long: "x".repeat(1_000_000) })).toContain("or 104857600 in all");
});

test.each([
  ["parentheses", `{{ ${"(".repeat(100_000)}1${")".repeat(100_000)} }}`],
  ["blocks", `${"{{ if .a }}".repeat(100_000)}${"{{ end }}".repeat(100_000)}`],
  ["else-if branches", `{{ if .a }}${"{{ else if .b }}".repeat(100_000)}{{ end }}`],
])("%s nested beyond the limit are a syntax error", (_what, text) => {
  expect(compileTemplate(text).problem?.message).toContain("nested deeper than 500 levels");
});

test("blocks nested up to the limit work", () => {
  expect(render(`${"{{ if .a }}".repeat(490)}x${"{{ end }}".repeat(490)}`, { a: 1 })).toBe("x");
});

test("blocks nested to the limit in templates that call each other end in a template error", () => {
  const nested = `${"{{ with . }}".repeat(490)}{{ template "t" . }}${"{{ end }}".repeat(490)}`;
  const text = `{{ define "t" }}${nested}{{ end }}{{ template "t" . }}`;
  expect(errorOf(text)).toBe("template exec error: Maximum call stack size exceeded.");
});

/** What random texts are made of: every token of the language, whole and broken. */
const pieces = [
  "{{",
  "}}",
  "{{-",
  "-}}",
  " ",
  ".a",
  ".",
  "$",
  "$x",
  ":=",
  "=",
  "|",
  "(",
  ")",
  '"',
  "`",
  "'",
  "\\",
  ",",
  "-",
  "0x1",
  "1e9",
  "if",
  "else",
  "end",
  "range",
  "with",
  "define",
  "template",
  "block",
  "break",
  "nil",
  "true",
  "index",
  "printf",
  "/*",
  "*/",
  "a-b.c",
  "\u0000",
  "\ud800",
  "é",
  "😀",
  "\n",
  ".steps.a-b",
  "len",
  "%s",
  "é.x",
];

test("no text makes compiling throw, and none that compiles breaks in another way than by its error", () => {
  let seed = 20260301;
  const next = (bound: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * bound);
  };
  const outcomes = { rendered: 0, refused: 0 };
  for (let round = 0; round < 5000; round++) {
    const isBytes = round % 4 === 0;
    const parts = Array.from({ length: next(round % 2 === 0 ? 20 : 4) }, () =>
      isBytes ? String.fromCharCode(next(256)) : pieces[next(pieces.length)],
    );
    const template = compileTemplate(isBytes ? `{{${parts.join("")}}}` : `{{ ${parts.join(" ")} }}${parts.join("")}`);
    try {
      template.render(scopeOf({ a: 1 }));
      outcomes.rendered++;
    } catch (thrown) {
      expect(thrown).toMatchObject({ name: "WorkflowError", code: "step.template" });
      outcomes.refused++;
    }
  }
  expect(outcomes.rendered).toBeGreaterThan(100);
  expect(outcomes.refused).toBeGreaterThan(1000);
});
