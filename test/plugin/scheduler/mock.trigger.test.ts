import { expect, test } from "bun:test";
import { check, serve } from "../../harness/server.ts";

const yaml = `
modules: []
triggers:
  mock: { anything: [1, 2], workflow: p }
pipelines:
  p:
    trigger: { type: mock, config: { any: thing } }
    steps:
      - { name: tell, type: step.log, config: { message: "ran" } }
`;

test("is accepted with any settings and starts nothing", async () => {
  const { errors, warnings } = await check(yaml);
  expect(errors).toEqual([]);
  expect(warnings.filter((warning) => !warning.includes("at least one module"))).toEqual([]);
  await using server = await serve(yaml);
  expect(server.records.map((record) => record.message)).not.toContain("ran");
});
