import { expect, test } from "bun:test";
import { compileProgram } from "../../src/jq/program.ts";
import { evaluate } from "./evaluate.ts";

test.each([
  ["the right side of an operator changes slowest", "[(1, 2) + (10, 20)]", [11, 12, 21, 22]],
  [
    "value parameters change slowest from the left",
    "def f($a; $b): [$a, $b]; [f(1, 2; 3, 4)]",
    [
      [1, 3],
      [1, 4],
      [2, 3],
      [2, 4],
    ],
  ],
  [
    "keys are walked in the order of their characters",
    '{"10": 1, "9": 2, "b": 3, "a": 4} | [.[]], keys_unsorted',
    [1, 2, 4, 3],
  ],
  ["a closure sees the variables of where it was written", "1 as $x | def f: $x; 2 as $x | [f, $x]", [1, 2]],
  ["a parameter may be a filter of the caller", "def twice(f): f | f; 3 as $n | 1 | twice(. + $n)", 7],
  ["an inner function may call an outer parameter", "def f(g): def h: g; [h, h]; f(7)", [7, 7]],
  ["recursion", "def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; [10 | fac]", [3628800]],
  ["breaks leave only their own label", "[label $a | label $b | 1, break $a, 2]", [1]],
  ["errors after a try are not caught by it", 'try ((try 1 catch 2) | error("x")) catch .', "x"],
  ["limit stops the source", "[limit(2; 1, 2, error)]", [1, 2]],
  ["alternatives look at true outputs only", "[(null, false, 1, 2) // 3]", [1, 2]],
  ["alternatives do not hide errors", "try (([1] | .a) // 2) catch .", 'Cannot index array with string "a"'],
  ["an optional left side of an alternative", "[1] | .a? // 2", 2],
  ["an update without output deletes", "[1, 2, 3, 4] | (.[] | select(. > 1)) |= empty", [1]],
  ["negative positions are those before deleting", "[0, 1, 2, 3, 4] | del(.[1], .[-1])", [0, 2, 3]],
  ["long chains of until need no stack", "0 | until(. == 200000; . + 1)", 200_000],
  ["long chains of recurse need no stack", "last(0 | recurse(if . < 200000 then . + 1 else empty end))", 200_000],
  ["the keys of an object may have several values", '[{("a", "b"): (1, 2)}]', [{ a: 1 }, { a: 2 }, { b: 1 }, { b: 2 }]],
  ["dates", '"2015-03-05T23:51:47Z" | fromdate, (now | todate)', 1_425_599_507],
  ["weeks", '0 | strftime("%G-W%V-%u %j %U")', "1970-W01-4 001 00"],
  ["twelve-hour times", '"03:05 PM" | strptime("%I:%M %p") | .[3:5]', [15, 5]],
])("%s", (_name, program, first) => {
  const [output] = evaluate(program);

  expect(output).toEqual(first);
});

test.each([
  ["foo", "foo/0 is not defined", 0],
  [".a | map(1; 2)", "map/2 is not defined", 5],
  ["$x", "$x: the variable is not defined", 0],
  ["1 as $x | break $y", "break $y: the label is not defined", 10],
  ["$ENV.HOME", "$ENV: the environment is not available", 0],
  ["env", "env/0: the environment is not available", 0],
  ["input", "input/0: a program has one input, which is `.`", 0],
  ["[inputs]", "inputs/0: a program has one input, which is `.`", 1],
  ["input_filename", "input_filename/0: a program has one input, which is `.`", 0],
  ["input_line_number", "input_line_number/0: a program has one input, which is `.`", 0],
  ["halt", "halt/0: a program cannot end the process", 0],
  ["halt_error", "halt_error/0: a program cannot end the process; use error", 0],
  ["halt_error(1)", "halt_error/1: a program cannot end the process; use error", 0],
  ["modulemeta", "modulemeta/0: modules are not available", 0],
  ["get_search_list", "get_search_list/0: modules are not available", 0],
  ['import "a" as a; .', "import: modules are not available", 0],
  ['include "a"; .', "include: modules are not available", 0],
  ["a::b", "modules are not available", 0],
  ["@nope", "@nope is not a format", 0],
  [".a |", "unexpected end", 4],
  ["1 == 2 == 3", 'unexpected "==", put parentheses around one of the two comparisons', 7],
  ["if . then 1", 'unexpected end, expected "end"', 11],
  ["{a: 1", 'unexpected end, expected "}"', 5],
  ["{1: 2}", 'unexpected "1", expected a key', 1],
  ['"abc', "unterminated string", 0],
  [String.raw`"\q"`, String.raw`invalid escape "\\q"`, 1],
  [String.raw`"a\(1"`, "unterminated string", 5],
  ["1 & 2", 'unexpected "&"', 2],
  [". as x | 1", 'unexpected "x", expected a variable such as $x', 5],
])("%s is refused", (program, message, offset) => {
  expect(() => compileProgram(program)).toThrow(expect.objectContaining({ message, offset }));
});

test.each([
  ["[range(infinite)]", {}, "took more than 10000000 steps"],
  ["[recurse(.)]", { stepsMax: 1000 }, "took more than 1000 steps"],
  ["[repeat(1)]", { stepsMax: 1000 }, "took more than 1000 steps"],
  ["until(false; .)", { stepsMax: 1000 }, "took more than 1000 steps"],
  ["first(range(infinite) | select(. < 0))", { stepsMax: 1000 }, "took more than 1000 steps"],
  ["try range(infinite) catch 1 | empty", { stepsMax: 1000 }, "took more than 1000 steps"],
  ["def f: f; f", { stepsMax: 1000 }, "took more than 1000 steps"],
  ["def f: [f]; f", {}, "went too deep: a function calls itself too often"],
  ['"x" * 1e9', {}, "made a value longer than 50000000"],
  ['reduce range(60) as $i ("x"; . + .)', {}, "made a value longer than 50000000"],
  ["reduce range(60) as $i ([1]; . + .)", {}, "made a value longer than 50000000"],
  ["[] | .[1e9] = 1", {}, "Array index too large"],
  ["range(2000000)", {}, "gave more than 1000000 outputs"],
])("%s ends in an error", (program, limits, message) => {
  expect(() => evaluate(program, null, limits)).toThrow(expect.objectContaining({ message }));
});

test.each([
  ["(".repeat(600), "nested deeper than 500 levels"],
  [".a".repeat(40_000), "too large to be compiled"],
  ["1".repeat(100_001), "longer than 100000 characters"],
])("a program that is too large is refused", (program, message) => {
  expect(() => compileProgram(program)).toThrow(expect.objectContaining({ message }));
});

test("an evaluation that takes too long ends in an error", () => {
  let time = 0;
  const monotonic = (): number => time++;
  expect(() => evaluate("[range(infinite)]", null, { monotonic, timeMaxMs: 10 })).toThrow("took longer than 10 ms");
});

test("a text made to hold up a pattern is matched in time", () => {
  expect(evaluate('("a" * 50000) + "!" | test("^(a+)+$")')).toEqual([false]);
});

test.each([
  ["an own key is read", '.["__proto__"].x', '{"__proto__": {"x": 1}}', [1]],
  ["an inherited one is not", ".constructor, .toString", "{}", [null, null]],
  ["a key may be written", '.["__proto__"] = {x: 1} | keys, .x', "{}", [["__proto__"], null]],
  ["an object may be made with it", '{"__proto__": {x: 1}} | keys, .x', "null", [["__proto__"], null]],
  ["entries keep it", "with_entries(.value += 1) | tojson", '{"__proto__": 1}', ['{"__proto__":2}']],
  [
    "merging keeps it",
    '{"__proto__": {a: 1}} * {"__proto__": {b: 2}} | tojson',
    "null",
    ['{"__proto__":{"a":1,"b":2}}'],
  ],
])("%s: %s", (_name, program, input, outputs) => {
  expect(evaluate(program, JSON.parse(input))).toEqual(outputs);
  expect(Reflect.get({}, "x")).toBeUndefined();
});

test("the input is not changed", () => {
  const input = { list: [1, 2], map: { a: { b: 1 } } };
  evaluate(".list[0] = 9 | .map.a.b |= . + 1 | del(.list[1]) | .map.a.b += 1 | (.. | numbers) |= . * 2", input);
  expect(input).toEqual({ list: [1, 2], map: { a: { b: 1 } } });
});

test("a value that stands in two places is changed in one", () => {
  expect(evaluate('{a: {n: 1}} | (.a, .a.x.n) |= (if type == "object" then {x: ., y: .} else 5 end)')).toEqual([
    { a: { x: { n: 5 }, y: { n: 1 } } },
  ]);
});

test("dates, bytes and missing values reach a program as JSON", () => {
  const input = { at: new Date(0), bytes: new Uint8Array([1, 2]), gone: undefined, nan: Number.NaN };
  expect(evaluate('[.at, .bytes, has("gone"), .nan]', input)).toEqual([["1970-01-01T00:00:00Z", "AQI=", false, null]]);
});

test("whole numbers beyond 2^53 stay exact", () => {
  expect(evaluate("[., . + 1, tojson]", 9007199254740993n)).toEqual([
    [9007199254740993n, 9007199254740994n, "9007199254740993"],
  ]);
});
