import { describe, expect, test } from "bun:test";
import { formatText } from "../../src/template/format.ts";

describe("verbs", () => {
  test.each([
    ["%s|%v|%q", ["a", "b", 'c"\n'], 'a|b|"c\\"\\n"'],
    ["%d|%v", [7, 7], "7|7"],
    ["%t|%v", [true, false], "true|false"],
    ["%f|%.2f|%.0f", [19.5, 19.5, 1e6], "19.500000|19.50|1000000"],
    ["%e|%E|%.2e", [1234.5678, 0.5, 0], "1.234568e+03|5.000000E-01|0.00e+00"],
    ["%g|%.3g|%G", [1234.5678, 1234.5678, 1e-7], "1234.5678|1.23e+03|1E-07"],
    ["%x|%X|%#x|%x", [255, 255, 255, "hi"], "ff|FF|0xff|6869"],
    ["% x|%x|%X", ["hi", 3.5, -1.25], "68 69|0x1.cp+01|-0X1.4P+00"],
    ["%b|%o|%O|%#o", [5, 8, 8, 8], "101|10|0o10|010"],
    ["%c|%U|%#U|%q", [65, 65, 128512, 65], "A|U+0041|U+1F600 '😀'|'A'"],
    ["%T %T %T %T %T", ["", 1.5, true, [], {}], "string float64 bool []interface {} map[string]interface {}"],
    ["%v|%s|%d", [["a", 1], ["a"], [1, 2]], "[a 1]|[a]|[1 2]"],
    ["%v|%s", [{ b: 1, a: null }, { a: "x" }], "map[a:<nil> b:1]|map[a:x]"],
    [
      "%#v|%#v",
      [["a", 1, null], { a: "x" }],
      '[]interface {}{"a", 1, interface {}(nil)}|map[string]interface {}{"a":"x"}',
    ],
    ["%s|%v|%x", [new Uint8Array([104, 105]), new Uint8Array([1]), new Uint8Array([255])], "hi|[1]|ff"],
    ["%q|%#q", ["é\0\u2028", "a"], '"é\\x00\\u2028"|`a`'],
    ["100%%", [], "100%"],
  ])("%j of %j is %j", (format, args, expected) => expect(formatText(format, args)).toBe(expected));
});

test("whole numbers beyond 2^53 keep their digits", () => {
  expect(formatText("%d %v %x", [9007199254740993n, 9007199254740993n, 255n])).toBe(
    "9007199254740993 9007199254740993 ff",
  );
});

describe("width, precision and flags", () => {
  test.each([
    ["%5d|%-5d|%05d|%+d|% d", [42, 42, -42, 42, 42], "   42|42   |-0042|+42| 42"],
    ["%8.3f|%-8.2f|%08.3f", [7.12345, 2.5, -7.12345], "   7.123|2.50    |-007.123"],
    ["%5s|%-5s|%.2s|%5.1s|", ["ab", "ab", "abc", "xyz"], "   ab|ab   |ab|    x|"],
    ["%5s", ["é"], "    é"],
    ["%.5d|%8.5d", [42, 42], "00042|   00042"],
    ["%*d|%-*d|%.*f", [5, 42, 5, 42, 2, 7.12345], "   42|42   |7.12"],
    ["%[2]d %[1]d", [1, 2], "2 1"],
    ["%5t|%5v", [true, null], " true|<nil>"],
    ["%+v", [3], "3"],
    ["%6.2f|", [[1, 2]], "[  1.00   2.00]|"],
  ])("%j of %j is %j", (format, args, expected) => expect(formatText(format, args)).toBe(expected));
});

describe("rounding", () => {
  test.each([
    ["%.0f", 0.5, "0"],
    ["%.0f", 1.5, "2"],
    ["%.0f", 2.5, "2"],
    ["%.2f", 0.125, "0.12"],
    ["%.1f", 0.25, "0.2"],
    ["%.2f", 1.005, "1.00"],
    ["%.2f", 1e22, "10000000000000000000000.00"],
    ["%.3g", 0.00012345, "0.000123"],
    ["%.10g", 100000, "100000"],
  ])("halves go to the even digit: %s of %p is %s", (format, value, expected) => {
    expect(formatText(format, [value])).toBe(expected);
  });
});

describe("what does not fit", () => {
  test.each([
    ["%d", ["abc"], "%!d(string=abc)"],
    ["%d", [3.5], "%!d(float64=3.5)"],
    ["%s", [true], "%!s(bool=true)"],
    ["%t", ["x"], "%!t(string=x)"],
    ["%d", [], "%!d(MISSING)"],
    ["a", [1, "x", null], "a%!(EXTRA float64=1, string=x, <nil>)"],
    ["%s|%v", [null, undefined], "%!s(<nil>)|<nil>"],
    ["%d", [["a"]], "[%!d(string=a)]"],
    ["%z", ["x"], "%!z(string=x)"],
    ["50%", [], "50%!(NOVERB)"],
    ["%!", [], "%!!(MISSING)"],
    ["%[3]d", [1], "%!d(BADINDEX)"],
    ["%[x]d", [1], "%!d(BADINDEX)"],
    ["%*d", ["x", 42], "%!(BADWIDTH)42"],
    ["%.*f", ["x", 1], "%!(BADPREC)1.000000"],
    ["%99999999d", [1], "%!(BADWIDTH)1"],
  ])("%j of %j is %j", (format, args, expected) => expect(formatText(format, args)).toBe(expected));

  test("is named int when the number is a literal of the template", () => {
    expect(formatText("%s|%s", [7, 7], ["int", "float64"])).toBe("%!s(int=7)|%!s(float64=7)");
    expect(formatText("", [7], ["int"])).toBe("%!(EXTRA int=7)");
  });
});

test("more text than is accepted is refused", () => {
  const wide = "%1000000d".repeat(11);
  expect(() => formatText(wide, new Array(11).fill(1))).toThrow("cannot print more than 10485760 characters");
});
