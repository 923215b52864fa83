import { describe, expect, test } from "bun:test";
import { encodeJson, encodeJsonLine } from "../../src/json/encode.ts";

describe("keys are sorted by their bytes", () => {
  test.each<[string, unknown, string]>([
    ["already in order", { a: 1, b: { c: 2, d: 3 } }, '{"a":1,"b":{"c":2,"d":3}}'],
    ["out of order", { b: 1, a: 2 }, '{"a":2,"b":1}'],
    ["out of order inside a list", [{ a: 1 }, { z: 1, y: [{ d: 1, c: 2 }] }], '[{"a":1},{"y":[{"c":2,"d":1}],"z":1}]'],
    ["upper case before lower", { a: 1, B: 2, _: 3 }, '{"B":2,"_":3,"a":1}'],
    ["digits by byte, not by number", { 9: "nine", 10: "ten", a: 1 }, '{"10":"ten","9":"nine","a":1}'],
    ["what sorts before digits", { 1: "one", "#": "hash" }, '{"#":"hash","1":"one"}'],
    ["digits deep inside", { z: [{ 2: 1, 11: 1 }], a: undefined }, '{"z":[{"11":1,"2":1}]}'],
    ["a prefix first", { ab: 1, a: 2, "": 3 }, '{"":3,"a":2,"ab":1}'],
    ["by UTF-8, not UTF-16", { "\u{1f600}": 1, "\uffee": 2 }, '{"\uffee":2,"\u{1f600}":1}'],
    ["by UTF-8 when that is the order of insertion", { "\uffee": 2, "\u{1f600}": 1 }, '{"\uffee":2,"\u{1f600}":1}'],
    ["by UTF-8 beside digits", { "\u{1f600}": 1, "\uffee": 2, 1: 3 }, '{"1":3,"\uffee":2,"\u{1f600}":1}'],
  ])("%s", (_, value, text) => expect(encodeJson(value)).toBe(text));

  test("the value itself is left as it was", () => {
    const value = { b: { d: 1, c: 2 }, a: [3] };
    encodeJson(value);
    expect(Object.keys(value)).toEqual(["b", "a"]);
    expect(Object.keys(value.b)).toEqual(["d", "c"]);
  });
});

describe("scalars", () => {
  test.each<[unknown, string]>([
    [null, "null"],
    [undefined, "null"],
    [true, "true"],
    ["text", '"text"'],
    [1_000_000, "1000000"],
    [1.0, "1"],
    [0.1, "0.1"],
    [-2.5, "-2.5"],
    [0.000001, "0.000001"],
    [0.0000001, "1e-7"],
    [123456789012345680000, "123456789012345680000"],
    [1e21, "1e+21"],
    [Number.NaN, "null"],
    [Number.POSITIVE_INFINITY, "null"],
    [12345678901234567890n, "12345678901234567890"],
    [new Date(0), '"1970-01-01T00:00:00Z"'],
    [new Date(1_767_225_600_120), '"2026-01-01T00:00:00.12Z"'],
    [new Date(Number.NaN), "null"],
    [new Uint8Array([104, 105, 255]), '"aGn/"'],
    [Buffer.from("hi"), '"aGk="'],
    [new Uint8Array([1, 2, 3]).buffer, '"AQID"'],
    [() => 1, "null"],
  ])("%p is %s", (value, text) => expect(encodeJson(value)).toBe(text));
});

describe("escapes", () => {
  test.each([
    ["<b>&</b>", '"\\u003cb\\u003e\\u0026\\u003c/b\\u003e"'],
    ["a\u2028b\u2029c", '"a\\u2028b\\u2029c"'],
    ['"\\\n\t\u0001', '"\\"\\\\\\n\\t\\u0001"'],
    ["é \u{1f600}", '"é \u{1f600}"'],
    ["\ud800", '"\\ud800"'],
    ["", '""'],
    ["&", '"\\u0026"'],
    ["a<", '"a\\u003c"'],
    [">a", '"\\u003ea"'],
    ["\u007f", '"\u007f"'],
    ["a<é", '"a\\u003cé"'],
    ['a<b"c', '"a\\u003cb\\"c"'],
  ])("%p", (value, text) => expect(encodeJson(value)).toBe(text));

  test("in keys too", () => expect(encodeJson({ "<": 1 })).toBe('{"\\u003c":1}'));
});

describe("containers", () => {
  test.each<[string, unknown, string]>([
    ["undefined is left out of a map", { b: 1, a: undefined }, '{"b":1}'],
    ["undefined is null in a list", [undefined, 1], "[null,1]"],
    ["a hole is null", Object.assign([], { 1: 1 }), "[null,1]"],
    ["a hole is null beside a bigint", Object.assign([], { 1: 1n }), "[null,1]"],
    ["a function is left out of a map", { b: () => 1, a: 2 }, '{"a":2}'],
    ["a function is left out beside digits", { 2: () => 1, 10: 2 }, '{"10":2}'],
    [
      "a Map is a map",
      new Map<unknown, unknown>([
        ["b", 1],
        ["a", new Map([[2, 3]])],
      ]),
      '{"a":{"2":3},"b":1}',
    ],
    ["a bigint inside", { b: 1n, a: [2n] }, '{"a":[2],"b":1}'],
    ["a date inside sorted keys", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00Z"}'],
    ["toJSON is asked", { url: new URL("http://h/p?a=1&b=2") }, '{"url":"http://h/p?a=1\\u0026b=2"}'],
    ["what toJSON gives is sorted", { x: { toJSON: () => ({ b: 1, a: 2 }) } }, '{"x":{"a":2,"b":1}}'],
    ["a key called toJSON is just a key", { toJSON: 1 }, '{"toJSON":1}'],
    [
      "a function called toJSON in a Map is left out",
      new Map<string, unknown>([
        ["toJSON", () => 1],
        ["a", 2],
      ]),
      '{"a":2}',
    ],
    ["__proto__ in a Map is data", new Map([["__proto__", 1]]), '{"__proto__":1}'],
    ["an object without prototype", Object.assign(Object.create(null), { b: 1, a: 2 }), '{"a":2,"b":1}'],
    [
      "fields of a class",
      new (class {
        b = 1;
        a = 2;
      })(),
      '{"a":2,"b":1}',
    ],
    ["empty ones", { a: {}, b: [] }, '{"a":{},"b":[]}'],
  ])("%s", (_, value, text) => expect(encodeJson(value)).toBe(text));

  test("toJSON is given its key", () => {
    const echo = { toJSON: (key: string) => `key ${key}` };
    expect(encodeJson({ z: echo, a: [echo] })).toBe('{"a":["key 0"],"z":"key z"}');
  });

  test("the same object twice is no cycle", () => {
    const shared = { b: 1, a: 2 };
    expect(encodeJson([shared, shared])).toBe('[{"a":2,"b":1},{"a":2,"b":1}]');
  });
});

describe("hostile values", () => {
  test("a key called __proto__ is written like any other, in order", () => {
    const value: unknown = JSON.parse('{"z":1,"__proto__":{"b":1,"a":2}}');
    expect(encodeJson(value)).toBe('{"__proto__":{"a":2,"b":1},"z":1}');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  const nested = (levels: number, inner: unknown): unknown => {
    let value = inner;
    for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { b: value, a: 1 };
    return value;
  };

  test("200 levels are written", () => expect(encodeJson(nested(200, 1)).length).toBeGreaterThan(400));

  test("201 levels are refused", () => {
    expect(() => encodeJson(nested(201, 1))).toThrow("value is nested deeper than 200 levels or contains itself");
  });

  test("a cycle is refused", () => {
    const value: { self?: unknown; a: number } = { a: 1 };
    value.self = value;
    expect(() => encodeJson(value)).toThrow(expect.objectContaining({ code: "step.failed" }));
  });

  test("toJSON that answers itself is refused", () => {
    const value = { toJSON: (): unknown => value };
    expect(() => encodeJson(value)).toThrow(expect.objectContaining({ code: "step.failed" }));
  });
});

test("a line ends with one newline", () => expect(encodeJsonLine({ a: "<" })).toBe('{"a":"\\u003c"}\n'));
