import { expect, test } from "bun:test";
import { compileTemplate } from "../../../src/template/template.ts";
import { exampleScope } from "../fixture.ts";

test.each([
  ['{{ step "parse-request" "body" "email" }}', "A@B.Co"],
  ['{{ step "count-it" }}', "map[count:7]"],
  ['{{ step "nope" }}', "<no value>"],
  ['{{ step "count-it" "count" "deeper" }}', "<no value>"],
  ['{{ step "count-it" "constructor" }}', "<no value>"],
  ['{{ step "__proto__" }}', "<no value>"],
  ['{{ step "nope" "x" | default "d" }}', "d"],
])("%s is %s", (text, expected) => expect(compileTemplate(text).render(exampleScope)).toBe(expected));

test("needs a name", () => {
  expect(() => compileTemplate("{{ step }}").render(exampleScope)).toThrow(
    "wrong number of args for step: want at least 1 got 0",
  );
});
