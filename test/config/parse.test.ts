import { expect, test } from "bun:test";
import { parseYaml } from "../../src/config/parse.ts";
import type { WorkflowError } from "../../src/error/error.ts";
import { formatProblem } from "../../src/error/format.ts";
import { child } from "../../src/schema/node.ts";
import { failureOf, plain } from "./fixture.ts";

const ignore = () => {};
const value = (yaml: string) => plain(parseYaml(yaml, "f.yaml", ignore));

test.each([
  ["true", true],
  ["True", true],
  ["FALSE", false],
  ["yes", "yes"],
  ["no", "no"],
  ["on", "on"],
  ["off", "off"],
  ["12", 12],
  ["-1.5", -1.5],
  ["0o10", 8],
  ["010", 8],
  ["1_000", 1000],
  ["0x1F", 31],
  ["~", null],
  ["null", null],
  ["", null],
  ['"12"', "12"],
  ["!!str 12", "12"],
  ["2024-01-02", "2024-01-02"],
  ["9007199254740993", "9007199254740993"],
  ["'it''s'", "it's"],
  ['"a\\u00e9"', "aé"],
  ['"a\\u0000b"', "a\u0000b"],
])("the scalar %s is %j", (text, expected) => {
  expect(value(`a: ${text}\n`)).toEqual({ a: expected });
});

test("JSON is YAML, also indented with tabs", () => {
  expect(value('{\n\t"a": [1, {"b": "x\\/y", "c": "\\ud83d\\ude00"}]\n}')).toEqual({
    a: [1, { b: "x/y", c: "😀" }],
  });
});

test.each([[""], ["# only a comment\n"], ["---\n"], ["~\n"]])("the document %j is an empty map", (text) => {
  expect(value(text)).toEqual({});
});

test("only the first document of a file counts", () => {
  expect(value("a: 1\n---\nb: [\n")).toEqual({ a: 1 });
});

test("aliases repeat a value, and the nearest anchor before them counts", () => {
  expect(value("a: &x [1, &y 2]\nb: *x\nc: *y\nd: &y 3\ne: *x\nf: *y\n")).toEqual({
    a: [1, 2],
    b: [1, 2],
    c: 2,
    d: 3,
    e: [1, 2],
    f: 3,
  });
});

test("merge keys fill in what is absent, earlier maps first", () => {
  expect(value("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 0\n")).toMatchObject({
    c: { x: 0, y: 1, z: 2 },
  });
  expect(value('a: {"<<": 1}')).toEqual({ a: { "<<": 1 } });
});

test("keys keep their text", () => {
  expect(Object.keys(value("010: a\n1.0: b\ntrue: c\n") as object)).toEqual(["010", "1.0", "true"]);
});

test("every node knows its place", () => {
  const node = parseYaml("a:\n  - b: 1\n    c: x\n", "f.yaml", ignore);
  const list = child(node, "a");
  const [first] = list?.kind === "list" ? list.items : [];
  expect(child(first, "c")?.at).toEqual({ file: "f.yaml", line: 3, column: 8 });
});

test.each([
  ["a: 1\nb: 2\na: 3\n", 'f.yaml:3:1: yaml: mapping key "a" already defined at line 1'],
  ["a:\n\tb: 1\n", "f.yaml:2:1: yaml: a tab is used for indentation; YAML allows spaces only"],
  ["a: *nope\n", 'f.yaml:1:4: yaml: alias "*nope" refers to no anchor before it'],
  ["a: *later\nb: &later 1\n", 'f.yaml:1:4: yaml: alias "*later" refers to no anchor before it'],
  ["a:\n  <<: 5\n", "f.yaml:2:7: yaml: a merge (<<) takes a map or a list of maps"],
  ["? [a, b]\n: 1\n", "f.yaml:1:3: yaml: a map key must be a scalar"],
  ['a: "x\nb: 1\n', 'f.yaml:3:1: yaml: Missing closing "quote'],
  ["__proto__: {x: 1}\n", 'f.yaml:1:1: yaml: the key "__proto__" is not allowed'],
  ["a: {constructor: 1}\n", 'f.yaml:1:5: yaml: the key "constructor" is not allowed'],
  ["a: [{prototype: 1}]\n", 'f.yaml:1:6: yaml: the key "prototype" is not allowed'],
  [
    "a: 1\nb: x\0y\n",
    'f.yaml:2:5: yaml: control characters are not allowed (U+0000) (write it as "\\u0000" in double quotes, ' +
      "or check that this is a text file)",
  ],
])("%j is refused", (yaml, expected) => {
  const { message, problems } = failureOf(() => value(yaml));
  expect(problems).toEqual([expected]);
  expect(message).toStartWith("failed to parse config file: yaml: ");
});

test("all problems of a file are reported at once", () => {
  expect(failureOf(() => value("a: 1\na: 2\nb: *x\nc: {d: 1, d: 2}\n")).problems).toEqual([
    'f.yaml:2:1: yaml: mapping key "a" already defined at line 1',
    'f.yaml:3:4: yaml: alias "*x" refers to no anchor before it',
    'f.yaml:4:11: yaml: mapping key "d" already defined at line 4',
  ]);
});

test("an unknown tag is a warning", () => {
  const warnings: WorkflowError[] = [];
  const node = parseYaml("a: !include x.yaml\n", "f.yaml", (problem) => void warnings.push(problem));
  expect(plain(node)).toEqual({ a: "x.yaml" });
  expect(warnings.map(formatProblem)).toEqual(["f.yaml:1:4: yaml: Unresolved tag: !include"]);
});

test("no object's prototype is reached by merging or by an alias", () => {
  failureOf(() => value('a: &a {"__proto__": {polluted: 1}}\nb: {<<: *a}\n'));
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
