import Ajv from "ajv/dist/2020.js";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../../script/repository.ts";
import { isPlainMap, keysOf, ownValue } from "../../src/json/map.ts";
import { expectKeys, responseKeys } from "../../src/workflow_test/expected_file.ts";
import { replyKeys } from "../../src/workflow_test/reply_file.ts";
import { sharedKeys, testKeys } from "../../src/workflow_test/test_file.ts";
import { problemsOf } from "./run_tests.ts";

const schema: unknown = await Bun.file(join(root, "workflow-test.schema.json")).json();
if (!isPlainMap(schema)) throw new Error("the schema is no map");
const validate = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);

/** The keys that the schema knows at a path of definitions. */
function keysAt(...path: readonly string[]): string[] {
  return [
    ...keysOf(
      ownValue(
        path.reduce<unknown>((value, key) => ownValue(value, key), schema),
        "properties",
      ),
    ),
  ].sort();
}

test.each<[string, readonly string[], readonly string[]]>([
  ["a file", keysAt(), ["config", "tests", ...sharedKeys]],
  ["a test", keysAt("$defs", "test"), testKeys],
  ["expect", keysAt("$defs", "expect"), expectKeys],
  ["expect.response", keysAt("$defs", "expect", "properties", "response"), responseKeys],
  ["a reply", keysAt("$defs", "reply"), replyKeys.filter((key) => key !== "outputs")],
])("the schema knows the keys of %s", (_, known, read) => {
  expect(known).toEqual([...read].sort());
});

describe("the tests of the examples follow the schema", () => {
  test.each([...new Bun.Glob("example/**/*.test.yaml").scanSync(root)].sort())("%s", async (file) => {
    validate(parse(await Bun.file(join(root, file)).text()));
    expect(validate.errors ?? []).toEqual([]);
  });
});

describe("what the schema refuses is refused when it is read, too", () => {
  test.each([
    "config: a.yaml",
    "config: a.yaml\ntests: [{ name: a, expect: golden }]",
    "config: a.yaml\ntests: [{ name: a, pipeline: p, expect: { state: completed } }]",
    "config: a.yaml\ntests: [{ name: a, pipeline: p, expect: { status: done } }]",
    "config: a.yaml\ntests: [{ name: a, pipeline: p, steps: { s: {} }, expect: golden }]",
    "config: a.yaml\ntests: [{ name: a, request: { path: x }, expect: golden }]",
  ])("%j", (text) => {
    expect(validate(parse(text))).toBe(false);
    expect(problemsOf(text)).not.toEqual([]);
  });
});
