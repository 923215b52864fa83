import { expect, test } from "bun:test";
import { findJsonFault } from "../../src/json/fault.ts";

const valid = [
  "null",
  "[]",
  "{}",
  ' {"a" : [ 1 , -0.5e+3 , "\\u00e9\\n" ] } ',
  '"\\ud800"',
  "-0",
  "1E5",
  '{"":""}',
  '"\u007f é"',
];

test.each(valid)("%s has no fault", (text) => {
  expect(findJsonFault(text)).toBeUndefined();
  expect(() => JSON.parse(text)).not.toThrow();
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("the built-in parser and the search agree on every text that is one character off", () => {
  for (const text of valid) {
    for (let at = 0; at <= text.length; at++) {
      for (const insert of ["", ",", '"', "]", "0", "\\", "\n", "e"]) {
        for (const removed of [0, 1]) {
          const mutant = text.slice(0, at) + insert + text.slice(at + removed);
          expect([mutant, findJsonFault(mutant) === undefined]).toEqual([mutant, isJson(mutant)]);
        }
      }
    }
  }
});
