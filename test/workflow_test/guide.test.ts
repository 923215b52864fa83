import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "../../script/repository.ts";
import { replyKeys } from "../../src/workflow_test/reply_file.ts";
import { expectKeys } from "../../src/workflow_test/expected_file.ts";
import { isPassed } from "../../src/workflow_test/file_run.ts";
import { testKeys } from "../../src/workflow_test/test_file.ts";
import { folderWith, runFile } from "./run_tests.ts";

const page = await Bun.file(join(root, "docs/guide/testing.md")).text();
const [, config = ""] = /^```yaml file=order\.yaml\n([^]*?)^```$/m.exec(page) ?? [];
const blocks = [...page.matchAll(/^```yml\n([^]*?)^```$/gm)].map((match) => match[1] ?? "");

test("the guide shows tests", () => {
  expect(blocks.length).toBeGreaterThanOrEqual(2);
});

describe("the tests in the guide pass", () => {
  test.each(blocks.map((block, index) => [index + 1, block] as const))("block %i", async (_, block) => {
    using folder = folderWith({ "order.yaml": config, "order.test.yaml": block });
    const { results } = await runFile(join(folder.path, "order.test.yaml"));
    expect(results.filter((result) => !isPassed(result))).toEqual([]);
    expect(results.length).toBeGreaterThan(0);
  });
});

test("the guide names every key", () => {
  const keys = [...testKeys, ...expectKeys, ...replyKeys].filter((key) => key !== "name");
  expect(keys.filter((key) => !page.includes(`\`${key}\``) && !page.includes(`${key}:`))).toEqual([]);
});
