import { expect, test } from "bun:test";
import { serve, type TestServer } from "../../../harness/server.ts";
import { pipelineOf } from "../fixture.ts";

const call = (name: string) => `{ name: ${name}, type: step.workflow_call, workflow: child, mode: async }`;
const child = `
  child:
    durability: durable
    steps:
      - { name: done, type: step.log, config: { message: "ran child" } }`;

/** What tells the called runs apart, without the id of the calling run. */
async function keysOf({ services: { journal } }: TestServer): Promise<readonly string[]> {
  if (journal === undefined) throw new Error("no journal");
  const runs = await journal.list({ pipeline: "child" });
  return runs.map(({ idempotencyKey = "" }) => idempotencyKey.replace(/^[^/]+\//, "")).sort();
}

test.each([
  [
    "iterations of a loop",
    `{ name: loop, type: step.foreach, config: { collection: body.l, steps: [${call("a")}, ${call("b")}] } }`,
    ["1/0/a", "1/0/b", "1/1/a", "1/1/b"],
  ],
  [
    "iterations of a loop with one step",
    `{ name: loop, type: step.foreach, config: { collection: body.l, step: ${call("a")} } }`,
    ["1/0", "1/1"],
  ],
  [
    "branches",
    `{ name: par, type: step.parallel, config: { branches: [{ name: x, steps: [${call("a")}, ${call("a")}] }, ` +
      `{ name: y, steps: [${call("a")}] }] } }`,
    ["1/x/a", "1/x/a#1", "1/y"],
  ],
])("what steps in %s do has a name of its own", async (_what, step, keys) => {
  const yaml = pipelineOf([step], child).replace("  p:\n", "  p:\n    durability: durable\n");
  await using server = await serve(yaml, { isDevelopment: true });
  expect((await server.post("/p", { l: [1, 2] })).status).toBe(202);
  expect(await keysOf(server)).toEqual(keys);
});
