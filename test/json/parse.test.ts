import { describe, expect, test } from "bun:test";
import { WorkflowError } from "../../src/error/error.ts";
import { parseJson } from "../../src/json/parse.ts";

test.each<[string, unknown]>([
  ['{"a":[1,2.5,"x",null,true]}', { a: [1, 2.5, "x", null, true] }],
  [' "text" ', "text"],
  ["0", 0],
  ['{"a":1,"a":2}', { a: 2 }],
])("%s is parsed", (text, value) => expect(parseJson(text)).toEqual(value));

describe("a mistake is placed and named", () => {
  test.each<[string, number, number, string]>([
    ["", 1, 1, "unexpected end of text, expected a value"],
    ["   ", 1, 4, "unexpected end of text, expected a value"],
    ['{"a":}', 1, 6, "expected a value"],
    ['{"a":1 "b":2}', 1, 8, 'expected "," or "}"'],
    ['{\n  "a": 1,\n}', 3, 1, 'a comma must not stand before "}"'],
    ["[1,]", 1, 4, 'a comma must not stand before "]"'],
    ["[1", 1, 3, 'unexpected end of text, expected "," or "]"'],
    ["{a:1}", 1, 2, "expected a key in double quotes"],
    ["{'a':1}", 1, 2, "expected a key in double quotes"],
    ['{"a" 1}', 1, 6, 'expected ":" after the key'],
    ['{"a', 1, 4, "unexpected end of text, a string is not closed"],
    ['"a\nb"', 1, 3, "a control character in a string must be escaped"],
    ['"\\x"', 1, 2, "unknown escape in a string"],
    ['"\\u12g4"', 1, 2, "unknown escape in a string"],
    ["nul", 1, 1, "expected a value"],
    ["[01]", 1, 2, "a number is malformed"],
    ["-", 1, 1, "a number is malformed"],
    [".5", 1, 1, "a number is malformed"],
    ["[1.]", 1, 2, "a number is malformed"],
    ["NaN", 1, 1, "expected a value"],
    ["1 2", 1, 3, "unexpected text after the value"],
    ['{"a":1}\r\n}', 2, 1, "unexpected text after the value"],
  ])("%p", (text, line, column, reason) => {
    let thrown: unknown;
    try {
      parseJson(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(WorkflowError);
    expect(thrown).toMatchObject({
      code: "http.bad_json",
      status: 400,
      message: `invalid JSON at line ${line}, column ${column}: ${reason}`,
      details: { line, column },
    });
  });
});

describe("nesting", () => {
  const lists = (levels: number, inner = ""): string => "[".repeat(levels) + inner + "]".repeat(levels);

  test("200 levels are parsed", () => expect(parseJson(lists(200))).toBeArray());

  test.each([
    ["empty", ""],
    ["with content", '"a string that makes the text longer"'],
  ])("201 levels are refused, %s", (_, inner) => {
    expect(() => parseJson(lists(201, inner))).toThrow(
      "invalid JSON at line 1, column 201: nested deeper than 200 levels",
    );
  });

  test("maps count as levels", () => {
    expect(() => parseJson('{"a":'.repeat(201) + "1" + "}".repeat(201))).toThrow("nested deeper than 200 levels");
  });

  test("brackets inside strings do not count", () => {
    const text = JSON.stringify(["[".repeat(500), '\\"[[{{', "]".repeat(500)]);
    expect(parseJson(text)).toEqual(["[".repeat(500), '\\"[[{{', "]".repeat(500)]);
  });

  test("lists side by side do not count", () => expect(parseJson(`[${"[],".repeat(500)}[]]`)).toBeArrayOfSize(501));

  test("the bound can be chosen", () => {
    expect(parseJson(lists(3), { depthMax: 3 })).toEqual([[[]]]);
    expect(() => parseJson(lists(4), { depthMax: 3 })).toThrow("nested deeper than 3 levels");
  });

  test("a string that is never closed is a mistake, not a depth", () => {
    expect(() => parseJson(`"${"[".repeat(1_000)}\\`)).toThrow("unexpected end of text, a string is not closed");
  });
});

test.each(["__proto__", "constructor", "prototype"])("the key %s is harmless data", (key) => {
  const value = parseJson(`{"${key}":{"polluted":true}}`);
  if (typeof value !== "object" || value === null) throw new Error("not an object");
  expect(Object.entries(value)).toEqual([[key, { polluted: true }]]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect("polluted" in {}).toBe(false);
});
