import { expect, test } from "bun:test";
import { compareUtf8 } from "../../src/json/key_order.ts";

test("strings sort as their UTF-8 bytes do", () => {
  const texts = [
    "",
    "Z",
    "a",
    "aa",
    "\u00e9",
    "\u07ff",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\u{10000}",
    "\u{1f600}",
    "\u{10ffff}",
  ];
  const byBytes = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect([...texts].reverse().sort(compareUtf8)).toEqual(byBytes);
});

test("a string equals itself", () => expect(compareUtf8("\u{1f600}a", "\u{1f600}a")).toBe(0));
