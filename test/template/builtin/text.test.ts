import { expect, test } from "bun:test";
import { errorOf, render } from "../fixture.ts";

const data = { nul: null, list: ["a"], name: "Ann", n: 7 };

test.each([
  ["print 1 2", "1 2"],
  ['print 1 "a" 2', "1a2"],
  ['print "a" "b"', "ab"],
  ["print .nul", "<nil>"],
  ["print true .list", "true [a]"],
  ["print", ""],
  ['println 1 "a" .missing', "1 a <nil>\n"],
  ['printf "%s has %d" .name .n', "Ann has 7"],
  ['html "<a href=\'x\'>&\\"\\x00"', "&lt;a href=&#39;x&#39;&gt;&amp;&#34;\uFFFD"],
  ["html .missing", "&lt;no value&gt;"],
  ["html 1 2", "1 2"],
  ['js "a\'b\\"<>&=\\n\\\\é\\u2028"', "a\\'b\\\"\\u003C\\u003E\\u0026\\u003D\\u000A\\\\é\\u2028"],
  ['urlquery "a b&c/d~é!\'()*"', "a+b%26c%2Fd~%C3%A9%21%27%28%29%2A"],
  ["urlquery .n", "7"],
])("%s is %j", (expression, expected) => expect(render(`{{ ${expression} }}`, data)).toBe(expected));

test("urlquery copes with half a character", () => {
  expect(render("{{ urlquery .half }}", { half: "\ud800" })).toBe("%EF%BF%BD");
});

test.each([
  ["printf .n", "wrong type for value; expected string; found float64"],
  ["printf", "wrong number of args for printf: want at least 1 got 0"],
  ["call .name", "error calling call: non-function of type string"],
  ["call .missing", "error calling call: call of nil"],
])("%s is refused: %s", (expression, message) => expect(errorOf(`{{ ${expression} }}`, data)).toContain(message));
