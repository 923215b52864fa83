import { describe, expect, test } from "bun:test";
import { compileTemplate } from "../../src/template/template.ts";
import { errorOf, scopeOf } from "./fixture.ts";

describe("a syntax error", () => {
  test.each([
    ["{{", 2, "unclosed action"],
    ["ab {{ }}", 6, "missing value for command"],
    ["{{ if }}{{ end }}", 6, "missing value for if"],
    ["{{ range }}{{ end }}", 9, "missing value for range"],
    ["{{ () }}", 4, "missing value for parenthesized pipeline"],
    ["{{ (.x }}", 7, "unclosed left paren"],
    ["{{ .x) }}", 5, "unexpected right paren"],
    ["{{ end }}", 3, "unexpected {{end}}"],
    ["{{ else }}", 3, "unexpected {{else}}"],
    ["{{ if .x }}", 11, "unexpected EOF"],
    ['{{ define "t" }}', 16, "unexpected EOF"],
    ["{{ if .x }}{{ else }}{{ else }}{{ end }}", 24, "expected end; found {{else}}"],
    ["{{ with .x }}{{ else if .y }}{{ end }}", 21, "unexpected <if> in input"],
    ["{{ range .x }}{{ end .y }}", 21, 'unexpected ".y" in end'],
    ["{{ break }}", 3, "{{break}} outside {{range}}"],
    ["{{ if .x }}{{ continue }}{{ end }}", 14, "{{continue}} outside {{range}}"],
    ["{{ if .x }}{{ define `t` }}{{ end }}{{ end }}", 14, "unexpected <define> in command"],
    ['{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}', 29, 'template: multiple definition of template "a"'],
    ["{{ template .x }}", 12, 'unexpected ".x" in template clause'],
    ['{{ block "b" }}{{ end }}', 13, "missing value for block clause"],
    ['{{ .x "a""b" }}', 9, 'unexpected "\\"b\\"" in operand'],
    ["{{ .x , .y }}", 6, 'unexpected "," in operand'],
    ["{{ | .x }}", 3, 'unexpected "|" in command'],
    ['{{ .x | "a" }}', 8, "non executable command in pipeline stage 2"],
    ["{{ $x }}", 3, 'undefined variable "$x"'],
    ["{{ $x = 1 }}", 3, 'undefined variable "$x"'],
    ["{{ if .x }}{{ $y := 1 }}{{ end }}{{ $y }}", 36, 'undefined variable "$y"'],
    ["{{ $ = 1 }}", 3, "cannot assign to $"],
    ["{{ $x, $y := .z }}", 5, "too many declarations in command"],
    ["{{ range $a, $b, $c := .z }}{{ end }}", 15, "too many declarations in range"],
    ["{{ range $a, 1 := .z }}{{ end }}", 11, "range can only initialize variables"],
    ['{{ "abc }}', 3, "unterminated quoted string"],
    ["{{ `abc }}", 3, "unterminated raw quoted string"],
    ['{{ "\\q" }}', 3, "invalid syntax"],
    ["{{ 'ab' }}", 3, "malformed character constant: 'ab'"],
    ["{{ 12abc }}", 3, 'bad number syntax: "12a"'],
    ["{{ 08 }}", 3, 'bad number syntax: "08"'],
    ["{{ 1__0 }}", 3, 'illegal number syntax: "1__0"'],
    ["{{ 99999999999999999999 }}", 3, 'integer overflow: "99999999999999999999"'],
    ["{{ .a? }}", 5, "bad character U+003F '?'"],
    ["{{ x-1 }}", 4, "bad character U+002D '-'"],
    ['{{ "x".y }}', 6, 'unexpected . after term "\\"x\\""'],
    ["{{ $.my-key }}", 4, 'unexpected "(" in operand'],
    ["{{ (.a).my-key }}", 7, 'unexpected "(" in operand'],
    ["{{/* x }}", 2, "unclosed comment"],
    ["{{/* x */ y }}", 2, "comment ends before closing delimiter"],
    ["{{ /* x */ }}", 3, 'unexpected "/" in command'],
    ["{{ .x : }}", 6, "expected :="],
    ["{{ upper .x }}", 3, 'function "upper" not defined'],
  ])("in %j is found at %i: %s", (text, offset, message) => {
    const { problem } = compileTemplate(text);
    expect(problem?.message).toBe(`template parse error: template: :1: ${message}`);
    expect(problem).toMatchObject({ code: "step.template", details: { offset } });
  });

  test("names its line", () => {
    expect(compileTemplate("a\nb\n{{ upper .x }}").problem?.message).toBe(
      'template parse error: template: :3: function "upper" not defined',
    );
  });

  test.each([
    ["{{ name }}", "for a value write .name"],
    ["{{ fetch.body.id }}", "for a step's output write .steps.fetch.body.id"],
    ["{{ $.my-key.id }}", 'write (index … "my-key" "id")'],
  ])("in %s comes with advice: %s", (text, hint) => {
    expect(compileTemplate(text).problem?.hint).toBe(hint);
  });

  test("is thrown by render and evaluate", () => {
    const template = compileTemplate("{{ }}");
    expect(() => template.render(scopeOf({}))).toThrow("missing value for command");
    expect(() => template.evaluate(scopeOf({}))).toThrow("missing value for command");
  });
});

describe("an error while rendering", () => {
  test.each([
    ["{{ .a.b }}", ':1:4: executing "" at <.a.b>: nil pointer evaluating interface {}.b'],
    ["x\ny {{ .name.b }}", ':2:6: executing "" at <.name.b>: can\'t evaluate field b in type interface {}'],
    ['{{ .name "x" }}', ':1:4: executing "" at <.name>: name is not a method but has arguments'],
    ['{{ .a.b "x" }}', ':1:4: executing "" at <.a.b>: nil pointer evaluating interface {}.b'],
    ['{{ "a" "b" }}', ':1:4: executing "" at <"a" "b">: can\'t give argument to non-function "a"'],
    ['{{ (lower "A") 1 }}', ':1:4: executing "" at <(lower "A") 1>: can\'t give argument to non-function (lower "A")'],
    ["{{ nil }}", ':1:4: executing "" at <nil>: nil is not a command'],
    ["{{ lower }}", ':1:4: executing "" at <lower>: wrong number of args for lower: want 1 got 0'],
    ["{{ lower 3 }}", ':1:10: executing "" at <3>: wrong type for value; expected string; found int'],
    ["{{ lower .n }}", ':1:10: executing "" at <.n>: wrong type for value; expected string; found float64'],
    [
      "{{ lower .list }}",
      ':1:10: executing "" at <.list>: wrong type for value; expected string; found []interface {}',
    ],
    ["{{ range .name }}{{ end }}", ':1:10: executing "" at <.name>: range can\'t iterate over Ann'],
    ["{{ range true }}{{ end }}", ':1:10: executing "" at <true>: range can\'t iterate over true'],
    [
      "{{ range $a, $b := 3 }}{{ end }}",
      ':1:10: executing "" at <$a, $b := 3>: can\'t use 3 to iterate over more than one variable',
    ],
    ['{{ template "x" }}', ':1:4: executing "" at <template "x">: template "x" not defined'],
    [
      '{{ define "t" }}{{ .b.c }}{{ end }}{{ template "t" .list }}',
      ':1:20: executing "t" at <.b.c>: can\'t evaluate field b in type interface {}',
    ],
  ])("in %j says %s", (text, message) => {
    expect(errorOf(text, { name: "Ann", n: 3, list: [] })).toBe(`template exec error: template: ${message}`);
  });

  test("carries the code step.template and where it happened", () => {
    const template = compileTemplate("ab {{ .a.b }}");
    expect(() => template.render(scopeOf({}))).toThrow(
      expect.objectContaining({ code: "step.template", status: 500, details: { offset: 6 } }),
    );
  });

  test("in a branch that is not taken does not happen", () => {
    expect(compileTemplate("{{ if .no }}{{ lower }}{{ .a.b }}{{ end }}ok").render(scopeOf({}))).toBe("ok");
  });

  test("shows a long expression cut", () => {
    const text = '{{ lower (print "a rather long text" 1 2 3) (print "more of it") }}';
    expect(errorOf(text)).toContain('at <lower (print "a rather long text" 1 2 3)...>: ');
  });
});
