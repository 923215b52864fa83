import { expect, test } from "bun:test";
import { compileTemplate } from "../../src/template/template.ts";

/** References as "offset path", with a question mark behind guarded ones. */
function referencesIn(text: string): string[] {
  return compileTemplate(text).references.map(
    ({ path, offset, guarded }) => `${offset} ${path.join("/")}${guarded ? "?" : ""}`,
  );
}

test.each([
  ["plain", []],
  ["{{ .name }}", ["3 name"]],
  ["{{ .a.b.c }} {{ .d }}", ["3 a/b/c", "16 d"]],
  ["{{ .steps.get-user.body }}", ["3 steps/get-user/body"]],
  ["{{ get-user.body.id }}", ["3 steps/get-user/body/id"]],
  ["{{ $.a.b }}", ["3 a/b"]],
  ['{{ index .steps "a" "b" }}', ["3 steps/a/b"]],
  ['{{ index . "a" }}', ["3 a"]],
  ['{{ index $ "a-b" }}', ["3 a-b"]],
  ['{{ (index .steps "a").b.c }}', ["4 steps/a/b/c"]],
  ["{{ index .items 0 }}", ["3 items"]],
  ['{{ (index .items 0 "x").y }}', ["4 items"]],
  ["{{ index .map .key }}", ["3 map", "14 key"]],
  ['{{ step "a" "b" }}', ["3 steps/a/b"]],
  ['{{ step "a" .key }}', ["3 steps/a", "12 key"]],
  ["{{ step .name }}", ["8 name"]],
  ['{{ trigger "x" "y" }}', ["3 trigger/x/y"]],
  ["{{ trigger }}", ["3 trigger"]],
  ["{{ .a | lower | print .b }}", ["3 a", "22 b"]],
  ["{{ printf `%s` .a (lower .b) }}", ["15 a", "25 b"]],
  ['{{ .meta._http_request.Header.Get "X" }}', ["3 meta/_http_request/Header"]],
  ["{{ range .items }}{{ .id }}{{ $.name }}{{ end }}", ["9 items", "30 name"]],
  ["{{ with .steps.a }}{{ .b }}{{ end }}", ["8 steps/a?", "22 steps/a/b"]],
  ["{{ with .x | lower }}{{ .b }}{{ end }}", ["8 x?"]],
  ["{{ if .a }}{{ .b }}{{ else if .c }}{{ .d }}{{ else }}{{ .e }}{{ end }}", ["6 a?", "14 b", "30 c?", "38 d", "56 e"]],
  ['{{ .a.b | default "x" }}', ["3 a/b?"]],
  ['{{ default "x" .a }}', ["15 a?"]],
  ['{{ default "" (index .steps "a" "b") }}', ["15 steps/a/b?"]],
  ['{{ .a | lower | default "x" }}', ["3 a"]],
  ["{{ and .a (or .b .c) }}{{ .d }}", ["7 a?", "14 b?", "17 c?", "26 d"]],
  ["{{ if eq .a 1 }}{{ end }}", ["9 a?"]],
  ['{{ define "t" }}{{ .x }}{{ .steps.a }}{{ end }}{{ template "t" .y }}', ["63 y"]],
  ["{{ $x := .a }}{{ $x.b }}", ["9 a"]],
  ["{{ . }}", []],
  ["{{ .broken", []],
])("%s reads %j", (text, expected) => expect(referencesIn(text)).toEqual(expected));
