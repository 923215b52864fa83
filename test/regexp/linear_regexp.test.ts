import { expect, test } from "bun:test";
import { compileLinearRegexp } from "../../src/regexp/linear_regexp.ts";

test.each([
  ["^[A-Z]{2}-\\d+$", "AB-12", true],
  ["^[A-Z]{2}-\\d+$", "AB-12x", false],
  ["b+", "abbc", true],
  ["(?i)^straße$", "STRAßE", true],
  ["^\\p{L}+$", "Łódź", true],
  ["", "anything", true],
])("%s in %s: %p", (pattern, text, expected) => expect(compileLinearRegexp(pattern).test(text)).toBe(expected));

test.each(["(a", "a(?=b)", "(a)\\1", "[z-a]", "a{2001}"])("%s is refused", (pattern) => {
  expect(() => compileLinearRegexp(pattern)).toThrow(`invalid pattern ${JSON.stringify(pattern)}`);
});

test("a pattern that makes backtracking engines run for years ends at once", () => {
  const evil = compileLinearRegexp("^(([a-z])+.)+[A-Z]([a-z])+$");
  expect(evil.test(`${"a".repeat(50_000)}!`)).toBe(false);
});
