import { expect, test } from "bun:test";
import { errorOf, render } from "../fixture.ts";

test.each([
  ['{{ trimSuffix ".txt" "a.txt" }}', "a"],
  ['{{ "aaaa" | trimSuffix "aa" }}', "aa"],
  ['{{ trimSuffix "x" "abc" }}', "abc"],
  ['{{ trimSuffix "" "abc" }}', "abc"],
])("%s is %s", (text, expected) => expect(render(text)).toBe(expected));

test("takes texts only", () => {
  expect(errorOf('{{ trimSuffix 1 "a" }}')).toContain("expected string; found int");
});
