import { expect, test } from "bun:test";
import { errorOf, render } from "../fixture.ts";

const clock = { now: () => Date.UTC(2026, 2, 1, 9, 37, 48, 120) };

test.each([
  ["{{ now }}", "2026-03-01T09:37:48Z"],
  ['{{ now "" }}', "2026-03-01T09:37:48Z"],
  ['{{ now "RFC3339Nano" }}', "2026-03-01T09:37:48.12Z"],
  ['{{ now "ANSIC" }}', "Sun Mar  1 09:37:48 2026"],
  ['{{ now "UnixDate" }}', "Sun Mar  1 09:37:48 UTC 2026"],
  ['{{ now "RubyDate" }}', "Sun Mar 01 09:37:48 +0000 2026"],
  ['{{ now "RFC822" }}', "01 Mar 26 09:37 UTC"],
  ['{{ now "RFC822Z" }}', "01 Mar 26 09:37 +0000"],
  ['{{ now "RFC850" }}', "Sunday, 01-Mar-26 09:37:48 UTC"],
  ['{{ now "RFC1123" }}', "Sun, 01 Mar 2026 09:37:48 UTC"],
  ['{{ now "RFC1123Z" }}', "Sun, 01 Mar 2026 09:37:48 +0000"],
  ['{{ now "Kitchen" }}', "9:37AM"],
  ['{{ now "Stamp" }}', "Mar  1 09:37:48"],
  ['{{ now "StampMilli" }}', "Mar  1 09:37:48.120"],
  ['{{ now "StampMicro" }}', "Mar  1 09:37:48.120000"],
  ['{{ now "StampNano" }}', "Mar  1 09:37:48.120000000"],
  ['{{ now "DateTime" }}', "2026-03-01 09:37:48"],
  ['{{ now "DateOnly" }}', "2026-03-01"],
  ['{{ now "TimeOnly" }}', "09:37:48"],
  ['{{ now "2006/01/02" }}', "2026/03/01"],
  ['{{ now "day 002, week of Mon" }}', "day 060, week of Sun"],
  ['{{ now "2006" "ignored" }}', "2026"],
])("%s is %s", (text, expected) => expect(render(text, {}, { clock })).toBe(expected));

test("a layout is a text", () => {
  expect(errorOf("{{ now 2006 }}")).toContain("wrong type for value; expected string; found int");
});
