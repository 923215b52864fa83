import { expect, test } from "bun:test";
import { errorOf, render } from "../fixture.ts";

const data = { n: 3, big: 9007199254740993n, name: "Ann", ok: true, nul: null, list: [1], map: {}, nan: Number.NaN };

test.each([
  ["eq .n 3", "true"],
  ["eq .n 3.0", "true"],
  ["eq 3 3.5", "false"],
  ["eq .big 9007199254740993", "true"],
  ["eq .big 9007199254740992", "false"],
  ['eq .name "Bob" "Ann"', "true"],
  ['eq .name "Bob"', "false"],
  ["eq .ok true", "true"],
  ["eq .missing nil", "true"],
  ["eq .nul .missing", "true"],
  ['eq .missing ""', "false"],
  ["eq .list nil", "false"],
  ["eq .nan .nan", "false"],
  ["ne .n 4", "true"],
  ["ne .missing 4", "true"],
  ["lt 1 2", "true"],
  ["lt 2 1.5", "false"],
  ["le 2 2", "true"],
  ["gt .n 2.5", "true"],
  ["ge .n 3", "true"],
  ["lt .big 9007199254740994", "true"],
  ['lt "a" "b"', "true"],
  ['lt "B" "a"', "true"],
  ['lt "\uFFFD" "😀"', "true"],
  ["ge .nan 1", "false"],
  ["le .nan 1", "false"],
])("%s is %s", (expression, expected) => expect(render(`{{ ${expression} }}`, data)).toBe(expected));

test.each([
  ["eq .name 3", "error calling eq: incompatible types for comparison: string and int"],
  ["eq .n .name", "error calling eq: incompatible types for comparison: float64 and string"],
  ["eq .ok 1", "error calling eq: incompatible types for comparison: bool and int"],
  ["eq .list .list", "error calling eq: non-comparable type []interface {}"],
  ["eq .list 1", "error calling eq: incompatible types for comparison: []interface {} and int"],
  ["ne .map .map", "error calling ne: non-comparable type map[string]interface {}"],
  ["eq 1", "error calling eq: missing argument for comparison"],
  ["ne 1 2 3", "wrong number of args for ne: want 2 got 3"],
  ["lt .missing 1", "error calling lt: invalid type for comparison"],
  ["lt true false", "error calling lt: invalid type for comparison"],
  ["gt .list .list", "error calling gt: invalid type for comparison"],
  ['ge "a" 1', "error calling ge: incompatible types for comparison: string and int"],
])("%s is refused: %s", (expression, message) => expect(errorOf(`{{ ${expression} }}`, data)).toContain(message));
