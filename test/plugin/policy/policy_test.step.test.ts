import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { alone, answerWith, policyPipeline, servePolicy } from "./policy_server.ts";

const judge = (config: string) => `{ name: judge, type: step.policy_test, config: { ${config} } }`;
const deny = "[{ name: no, content: deny }]";
const outcome = (test_passed: boolean, allowed: boolean, expect_allow: boolean, sample_input: object) => ({
  test_passed,
  allowed,
  expect_allow,
  reasons: allowed ? [] : ['policy "no" denies'],
  metadata: { backend: "mock" },
  engine: "guard",
  sample_input,
});

test.each([
  ["engine: guard", "[]", outcome(true, true, true, {})],
  ["engine: guard, sample_input: { a: [1, '{{ x }}'] }", "[]", outcome(true, true, true, { a: [1, "{{ x }}"] })],
  ["engine: guard, expect_allow: false", deny, outcome(true, false, false, {})],
  ["engine: guard", deny, outcome(false, false, true, {})],
  ["engine: guard, expect_allow: false", "[]", outcome(false, true, false, {})],
])("%s with %s gives %j", async (config, policies, output) => {
  await using server = await servePolicy(alone(judge(config)), policies);
  expect(await (await server.post("/p")).json()).toEqual([output]);
});

test.each([
  ["[]", 200],
  [deny, 202],
])("with %s the run goes on or ends: the status is %i", async (policies, status) => {
  await using server = await servePolicy([judge("engine: guard"), answerWith("judge")], policies);
  expect((await server.post("/p")).status).toBe(status);
});

test("the engine is required", async () => {
  expect((await check(policyPipeline([judge("expect_allow: true")]))).errors).toEqual([
    '14:56: pipeline "p": step "judge" (type step.policy_test): policy_test step "judge": \'engine\' is required',
  ]);
});
