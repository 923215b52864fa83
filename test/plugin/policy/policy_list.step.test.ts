import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { answerWith, policyPipeline, servePolicy } from "./policy_server.ts";

const list = "{ name: list, type: step.policy_list, config: { engine: guard } }";

test.each([
  ["[]", { policies: [], count: 0, engine: "guard" }],
  [
    "[{ name: b, content: x }, { name: a, content: y }]",
    {
      policies: [
        { name: "b", backend: "mock" },
        { name: "a", backend: "mock" },
      ],
      count: 2,
      engine: "guard",
    },
  ],
])("of %s it gives %j", async (policies, output) => {
  await using server = await servePolicy([list, answerWith("list")], policies);
  expect(await (await server.post("/p")).json()).toEqual(output);
});

test("the engine is required", async () => {
  expect((await check(policyPipeline([list.replace("engine: guard ", "")]))).errors).toEqual([
    '14:55: pipeline "p": step "list" (type step.policy_list): policy_list step "list": \'engine\' is required',
  ]);
});
