import { expect, test } from "bun:test";
import { printNested, printValue } from "../../src/template/print.ts";
import { templateFields } from "../../src/template/template_fields.ts";

test.each([
  [0, "0"],
  [-0, "0"],
  [7, "7"],
  [19.5, "19.5"],
  [-2.5, "-2.5"],
  [999999, "999999"],
  [1000000, "1000000"],
  [1234567.89, "1234567.89"],
  [1e20, "100000000000000000000"],
  [1e21, "1e+21"],
  [1.5e300, "1.5e+300"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [0.000012345, "1.2345e-05"],
  [1e-10, "1e-10"],
  [-1e-7, "-1e-07"],
  [Number.NaN, "NaN"],
  [Infinity, "+Inf"],
  [-Infinity, "-Inf"],
  [9007199254740993n, "9007199254740993"],
])("the number %p prints as %s", (value, text) => expect(printValue(value)).toBe(text));

test.each([
  ["text", "text"],
  [true, "true"],
  [undefined, "<no value>"],
  [null, "<no value>"],
  [[], "[]"],
  [["a", 1, null, undefined, [true]], "[a 1 <nil> <nil> [true]]"],
  [{}, "map[]"],
  [{ b: 1, a: { c: null } }, "map[a:map[c:<nil>] b:1]"],
  [{ "😀": 1, "\uFFFD": 2 }, "map[\uFFFD:2 😀:1]"],
  [Object.assign(Object.create(null), { a: 1 }), "map[a:1]"],
  [new Uint8Array([1, 255]), "[1 255]"],
  [new Date(Date.UTC(2026, 2, 1, 10, 0, 0)), "2026-03-01 10:00:00 +0000 UTC"],
  [new Date(Date.UTC(2026, 2, 1, 10, 0, 0, 250)), "2026-03-01 10:00:00.25 +0000 UTC"],
  [new Date(Number.NaN), "<invalid time>"],
])("%p prints as %s", (value, text) => expect(printValue(value)).toBe(text));

test("an error prints as its message", () => expect(printValue(new Error("it broke"))).toBe("it broke"));

test("nil prints as <nil> inside other values and in print and printf", () => {
  expect(printNested(null)).toBe("<nil>");
  expect(printNested(undefined)).toBe("<nil>");
});

test("an object of a class prints none of its properties", () => {
  class Request {
    readonly token = "secret";
  }
  expect(printValue(new Request())).toBe("<object>");
  expect(printValue(() => "secret")).toBe("<function>");
});

test("an object with a String field prints by it", () => {
  class Address {
    readonly [templateFields] = new Map([["String", () => "http://x/"]]);
  }
  expect(printValue({ url: new Address() })).toBe("map[url:http://x/]");
});

test("data that contains itself is refused", () => {
  const list: unknown[] = [];
  list.push(list);
  expect(() => printValue(list)).toThrow("cannot print data nested deeper than 500 levels");
});
