import { expect, test } from "bun:test";
import { errorOf, render } from "../fixture.ts";

test.each([
  ['{{ lower "ÄbC" }}', "äbc"],
  ["{{ .name | lower }}", "ann"],
  ['{{ lower "" }}', ""],
])("%s is %j", (text, expected) => expect(render(text, { name: "Ann" })).toBe(expected));

test.each([
  ["{{ lower .missing }}", "wrong type for value; expected string; found interface {}"],
  ["{{ .missing | lower }}", "invalid value; expected string"],
  ["{{ lower true }}", "wrong type for value; expected string; found bool"],
])("%s is refused: %s", (text, message) => expect(errorOf(text)).toContain(message));
