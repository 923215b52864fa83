import { expect, test } from "bun:test";
import { decodeValue, encodeValue } from "../../../src/service/journal/payload.ts";

test.each([
  ["plain values", { a: [1, "x", null, true], b: { c: 1.5 } }],
  ["times", { at: new Date("2026-03-01T09:00:00.123Z") }],
  ["large integers", { n: 12345678901234567890n }],
  ["bytes", { b: new Uint8Array([0, 1, 255]) }],
  ["numbers that JSON has not", { a: Number.POSITIVE_INFINITY }],
  ["a map that looks like a tag", { $time: "not a time", x: { $int: "5" } }],
  ["a map with a key that begins with a dollar", { $a: 1, b: new Date(0) }],
  ["text with a dollar", { a: '"$int"' }],
  ["an empty map", {}],
])("%s come back as they were", (_name, value) => {
  expect(decodeValue(encodeValue(value))).toEqual(value);
});

test("a key that would replace the prototype stays a key", () => {
  const value: unknown = JSON.parse('{"__proto__":{"x":1}}');
  expect(Object.keys(Object(decodeValue(encodeValue(value))))).toEqual(["__proto__"]);
});

test.each([
  ["a function", { a: () => 1 }, "the value at a cannot be kept in the journal: it is a function"],
  ["a class", { a: [new Map()] }, "the value at a.0 cannot be kept in the journal: it is a Map"],
  ["a symbol", { s: Symbol("x") }, "the value at s cannot be kept in the journal: it is a symbol"],
])("%s is refused with its path", (_name, value, message) => {
  expect(() => encodeValue(value)).toThrow(message);
});
