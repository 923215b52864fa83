import { describe, expect, test } from "bun:test";
import { render, scopeOf } from "../fixture.ts";
import { compileTemplate } from "../../../src/template/template.ts";

const data = {
  name: "Ann",
  n: 3,
  list: ["a", "b", "c"],
  map: { b: 2, a: 1 },
  deep: { "a-b": { c: "x" } },
  "my-key": "hy",
};

describe("text and white space", () => {
  test.each([
    ["no action", "no action"],
    ["a }} b { { c", "a }} b { { c"],
    ["a  {{- .n -}}  b", "a3b"],
    ["a  {{- .n }}  b", "a3  b"],
    ["a\n\t{{- 1 -}}\n\tb", "a1b"],
    ["{{-3}}", "-3"],
    ["{{- -3 }}", "-3"],
    ["a {{/* gone */}} b", "a  b"],
    ["a {{- /* gone */ -}} b", "ab"],
    ["{{\n  .name\n}}", "Ann"],
    ["{{ .name}}{{.name }}", "AnnAnn"],
  ])("%j renders %j", (text, expected) => expect(render(text, data)).toBe(expected));
});

describe("literals", () => {
  test.each([
    ['{{ "a\\n\\t\\"\\\\b" }}', 'a\n\t"\\b'],
    ['{{ "\\u00e9\\U0001F600\\x41\\101" }}', "é😀AA"],
    ['{{ "\\xc3\\xa9" }}', "é"],
    ["{{ `a\\n{{b}}` }}", "a\\n{{b}}"],
    ["{{ 'a' }} {{ '\\n' }} {{ '\\'' }}", "97 10 39"],
    ["{{ 1_000 }} {{ 0x1F }} {{ 0o7 }} {{ 017 }} {{ 0b101 }}", "1000 31 7 15 5"],
    ["{{ 1.50 }} {{ .5 }} {{ 1e3 }} {{ 1. }} {{ 0x1p-2 }}", "1.5 0.5 1000 1 0.25"],
    ["{{ -7 }} {{ +7 }} {{ -1.5 }}", "-7 7 -1.5"],
    ["{{ 9007199254740993 }}", "9007199254740993"],
    ["{{ true }} {{ false }}", "true false"],
  ])("%s renders %j", (text, expected) => expect(render(text)).toBe(expected));
});

describe("variables", () => {
  test.each([
    ["{{ $x := .name }}{{ $x }}", "Ann"],
    ["{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"],
    ["{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"],
    ["{{ $x := 1 }}{{ $x := print $x $x }}{{ $x }}", "1 1"],
    ["{{ $m := .map }}{{ $m.a }}", "1"],
    ["{{ with $x := .name }}{{ $x }}{{ . }}{{ end }}", "AnnAnn"],
    ["{{ if $x := .missing }}{{ else }}[{{ $x }}]{{ end }}", "[<no value>]"],
    ["{{ range .list }}{{ $.n }}{{ end }}", "333"],
    ["{{ range $v := .list }}{{ $v }}{{ end }}", "abc"],
    ["{{ range $i, $v := .list }}{{ $i }}{{ $v }}{{ end }}", "0a1b2c"],
    ["{{ $sum := 0 }}{{ range $i, $v := .list }}{{ $sum = $i }}{{ end }}{{ $sum }}", "2"],
  ])("%s renders %j", (text, expected) => expect(render(text, data)).toBe(expected));
});

describe("control actions", () => {
  test.each([
    ["{{ if eq .n 1 }}one{{ else if eq .n 2 }}two{{ else if eq .n 3 }}three{{ else }}many{{ end }}", "three"],
    ["{{ with .missing }}a{{ else with .name }}{{ . }}{{ else }}c{{ end }}", "Ann"],
    ["{{ with .map }}{{ .a }}{{ end }}{{ .n }}", "13"],
    ["{{ range $k, $v := .map }}{{ $k }}={{ $v }};{{ end }}", "a=1;b=2;"],
    ["{{ range .map }}{{ . }}{{ end }}", "12"],
    ["{{ range .n }}{{ . }}{{ end }}", "012"],
    ["{{ range 0 }}x{{ else }}none{{ end }}", "none"],
    ["{{ range -1 }}x{{ else }}none{{ end }}", "none"],
    ['{{ range .list }}{{ if eq . "b" }}{{ continue }}{{ end }}{{ . }}{{ end }}', "ac"],
    ["{{ range .list }}{{ range 3 }}{{ if . }}{{ break }}{{ end }}{{ . }}{{ end }}{{ . }}{{ end }}", "0a0b0c"],
    ["{{ range .list }}{{ with 1 }}{{ break }}{{ end }}{{ end }}{{ .name }}", "Ann"],
    ["{{ if .name }}{{ end }}", ""],
  ])("%s renders %j", (text, expected) => expect(render(text, data)).toBe(expected));
});

describe("named templates", () => {
  test.each([
    ['{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" .name }}{{ template "t" 1 }}', "<Ann><1>"],
    ['{{ template "t" . }}{{ define "t" }}{{ .name }}{{ $.n }}{{ end }}', "Ann3"],
    ['{{ block "b" .name }}[{{ . }}]{{ end }}', "[Ann]"],
    ['{{ define "t" }}{{ . }}{{ end }}{{ template "t" }}', "<no value>"],
    ['{{ define "t" }}{{ $x := 1 }}{{ $x }}{{ end }}{{ $x := 2 }}{{ template "t" }}{{ $x }}', "12"],
    [
      '{{ define "d" }}{{ if . }}{{ len . }}{{ template "d" (slice . 1) }}{{ end }}{{ end }}{{ template "d" .list }}',
      "321",
    ],
    ['{{ define "t" }} {{ end }}{{ define "t" }}full{{ end }}{{ template "t" }}', "full"],
  ])("%s renders %j", (text, expected) => expect(render(text, data)).toBe(expected));
});

describe("pipelines", () => {
  test.each([
    ['{{ .name | printf "%s-%s" "a" }}', "a-Ann"],
    ['{{ (index .list 0) | printf "%s!" }}', "a!"],
    ["{{ (len .list) | printf `%d` }}", "3"],
    ["{{ .name | }}", "Ann"],
    ["{{ printf `%s` (print .n | lower) }}", "3"],
    ["{{ print uuid }}", "id-1"],
  ])("%s renders %j", (text, expected) => expect(render(text, data, { uuid: () => "id-1" })).toBe(expected));
});

describe("names with hyphens", () => {
  test.each([
    ["{{ .my-key }}", "hy"],
    ["{{ .deep.a-b.c }}", "x"],
    ["{{ .deep.a-b }}", "map[c:x]"],
    ["{{ with .deep }}{{ .a-b.c }}{{ end }}", "x"],
    ["{{ .x-1 }}", "<no value>"],
    ['{{ "my-key .a-b" }}', "my-key .a-b"],
    ["{{ .n }}-{{ .n }}", "3-3"],
    ["{{ .my-key -}} x", "hyx"],
    ['{{ index $ "my-key" }}', "hy"],
  ])("%s renders %j", (text, expected) => expect(render(text, data)).toBe(expected));

  test.each([
    ["{{ get-user.body.id }}", "17"],
    ["{{ fetch.user-id }}", "18"],
    ["{{ range .list }}{{ get-user.body.id }}{{ end }}", "171717"],
    ['{{ get-user.nope | default "d" }}', "d"],
    ["{{ if not-there.x }}Y{{ else }}N{{ end }}", "N"],
  ])("a step's output may be written without .steps: %s renders %j", (text, expected) => {
    const steps = { "get-user": { body: { id: 17 } }, fetch: { "user-id": 18 } };
    expect(compileTemplate(text).render({ ...scopeOf(data), steps })).toBe(expected);
  });
});

describe("the root", () => {
  test("steps, trigger and meta hide top-level values of those names", () => {
    const scope = { current: { steps: 1, trigger: 2, meta: 3 }, steps: {}, trigger: { a: 1 }, meta: {} };
    expect(compileTemplate("{{ .steps }}{{ .trigger }}{{ .meta }}").render(scope)).toBe("map[]map[a:1]map[]");
  });

  test("used whole it is one map with all names", () => {
    expect(render("{{ json . }}", { b: 1, a: "x" })).toBe('{"a":"x","b":1,"meta":{},"steps":{},"trigger":{}}');
  });

  test("a value that is not enumerable is read by name and left out of the whole", () => {
    const current = Object.defineProperty({ a: 1 }, "headers", { value: { Authorization: "secret" } });
    expect(render("{{ .headers.Authorization }} {{ json . }}", current)).toBe(
      'secret {"a":1,"meta":{},"steps":{},"trigger":{}}',
    );
  });

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("%s is a name like any other", (name) => {
    expect(render(`{{ .${name} }}{{ .map.${name} }}{{ index .map "${name}" }}`, { map: {} })).toBe(
      "<no value><no value><no value>",
    );
    const own: unknown = JSON.parse(`{"${name}": "own"}`);
    expect(render(`{{ .map.${name} }}{{ range $k, $v := .map }}{{ $k }}{{ end }}`, { map: own })).toBe(`own${name}`);
  });
});

describe("a template", () => {
  test("without braces is constant and renders itself", () => {
    const template = compileTemplate("plain }}");
    expect(template).toMatchObject({ isConstant: true, text: "plain }}", problem: undefined, references: [] });
    expect(template.evaluate(scopeOf({}))).toBe("plain }}");
  });

  test.each([
    ["{{ .list }}", ["a", "b", "c"]],
    ["{{- .n -}}", 3],
    ["  {{- .n }}", 3],
    ["{{/* number */}}{{ .n }}", 3],
    ["{{ eq .n 3 }}", true],
    ["{{ .missing }}", undefined],
    [" {{ .n }}", " 3"],
    ["{{ .n }}{{ .n }}", "33"],
    ["{{ if .n }}{{ .n }}{{ end }}", "3"],
    ["{{ $x := .n }}", ""],
  ])("%j evaluates to %j", (text, expected) => {
    expect(compileTemplate(text).evaluate(scopeOf(data))).toEqual(expected);
  });

  test("can be rendered again with other data", () => {
    const template = compileTemplate("{{ range .list }}{{ $x := . }}{{ $x }}{{ end }}");
    expect(template.render(scopeOf({ list: [1, 2] }))).toBe("12");
    expect(template.render(scopeOf({ list: [3] }))).toBe("3");
  });
});
