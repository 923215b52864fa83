import { expect, test } from "bun:test";
import { compileLinearRegexp } from "../../../../src/plugin/pipeline/pattern/linear_regexp.ts";

const cases: readonly [pattern: string, matching: readonly string[], others: readonly string[]][] = [
  ["^[a-z]+$", ["a", "abc"], ["", "aB", "a\n"]],
  ["a|bc|", ["", "x"], []],
  ["^(?:a|bc)$", ["a", "bc"], ["b", "abc"]],
  ["^(a+)+$", ["a", "aaaa"], ["", "ab"]],
  ["^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]],
  ["^a{2,}$", ["aa", "aaaa"], ["a"]],
  ["^a{2}$", ["aa"], ["aaa"]],
  ["a{b}", ["a{b}"], ["ab"]],
  ["(?i)straße|É", ["STRAßE", "é"], ["strase"]],
  ["(?i:A)b", ["ab", "Ab"], ["aB"]],
  ["\\bfoo\\b", ["foo", "a foo."], ["food"]],
  ["o\\B", ["oo"], ["o"]],
  ["^[^a-c\\d]+$", ["xyz"], ["xa", "x1"]],
  ["^[\\w.-]+$", ["a-b.c_1"], ["a b"]],
  ["^[]a]+$", ["]a"], ["b"]],
  ["^\\p{L}+$", ["Grün"], ["a1"]],
  ["^\\P{Greek}$", ["a"], ["λ"]],
  ["^[[:digit:][:^space:]]$", ["1", "x"], [" "]],
  ["^a.c$", ["abc", "a👍c"], ["a\nc"]],
  ["(?s)^a.c$", ["a\nc"], []],
  ["(?m)^b$", ["a\nb\nc"], ["ab"]],
  ["\\Aa\\z", ["a"], ["a\n"]],
  ["^\\x41\\x{1F44D}\\t\\.$", ["A👍\t."], ["A👍\tx"]],
  ["(?P<year>[0-9]{4})", ["in 2026"], ["202"]],
  ["colou??r", ["color", "colour"], ["colr"]],
  ["(a*)*b", ["b", "aab"], ["aa"]],
];

test.each(cases)("%s matches %j and not %j", (pattern, matching, others) => {
  const { test: isMatch } = compileLinearRegexp(pattern);
  expect(matching.filter((text) => !isMatch(text))).toEqual([]);
  expect(others.filter((text) => isMatch(text))).toEqual([]);
});

test("a pattern that makes backtracking engines hang is matched in one pass", () => {
  expect(compileLinearRegexp("^(a+)+(a|aa)*$").test(`${"a".repeat(50_000)}!`)).toBe(false);
});

test.each([
  ["(", "a group is not closed at character 2"],
  ["a)", "unexpected ) at character 2"],
  ["[a", "a character class is not closed at character 3"],
  ["*a", "nothing to repeat at character 1"],
  ["a**", "nothing to repeat at character 4"],
  ["(?<=x)", "look-around and this kind of group are not supported at character 2"],
  ["(a)\\1", "back-references are not supported at character 5"],
  ["a{2,1}", "a repetition with its bounds exchanged at character 2"],
  ["a{1001}", "more than 1000 repetitions at character 2"],
  ["\\q", "unknown escape \\q at character 3"],
  ["\\p{Nope}", "unknown character property {Nope} at character 3"],
  ["[z-a]", "a range that cannot be read at character 5"],
  ["((a{99}){99}){99}", "it is too large"],
  ["(((){1000}){1000}){1000}", "it is too large"],
])("%s is refused", (pattern, reason) => {
  expect(() => compileLinearRegexp(pattern)).toThrow(`invalid pattern ${JSON.stringify(pattern)}: ${reason}`);
});
