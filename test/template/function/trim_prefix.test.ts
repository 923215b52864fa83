import { expect, test } from "bun:test";
import { errorOf, render } from "../fixture.ts";

test.each([
  ['{{ "+49" | trimPrefix "+" }}', "49"],
  ['{{ trimPrefix "aa" "aaaa" }}', "aa"],
  ['{{ trimPrefix "x" "abc" }}', "abc"],
  ['{{ trimPrefix "" "abc" }}', "abc"],
])("%s is %s", (text, expected) => expect(render(text)).toBe(expected));

test("takes texts only", () => {
  expect(errorOf('{{ trimPrefix "+" .n }}', { n: 1 })).toContain("expected string; found float64");
});
