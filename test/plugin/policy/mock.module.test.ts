import { expect, test } from "bun:test";
import { answerWith, policyPipeline, servePolicy } from "./policy_server.ts";

const list = "{ name: list, type: step.policy_list, config: { engine: guard } }";
const judge = "{ name: judge, type: step.policy_test, config: { engine: guard, expect_allow: false } }";
const load = "{ name: load, type: step.policy_load, config: { engine: guard, policy_name: extra, content: allow } }";

test("policies without a name have one by their position", async () => {
  await using server = await servePolicy(
    [list, answerWith("list")],
    "[{ content: a }, { name: n, content: b }, { name: '', content: c }]",
  );
  expect(await (await server.post("/p")).json()).toMatchObject({
    policies: [{ name: "policy-0" }, { name: "n" }, { name: "policy-2" }],
  });
});

test.each([
  ["[{ name: a, content: allow }, { name: b, content: 'default DENY' }]", false, ['policy "b" denies']],
  ["[{ content: 'deny[msg] { true }' }]", false, ['policy "policy-0" denies']],
  ["[{ content: 'allow = true' }]", true, []],
  ["[]", true, []],
])("with %s everything is allowed: %p", async (policies, allowed, reasons) => {
  const test = judge.replace("expect_allow: false", `expect_allow: ${allowed}`);
  await using server = await servePolicy([test, answerWith("judge")], policies);
  expect(await (await server.post("/p")).json()).toMatchObject({ allowed, reasons, metadata: { backend: "mock" } });
});

test("loaded policies survive a reload that leaves the module as it is", async () => {
  await using server = await servePolicy([load, list, answerWith("list")]);
  await server.post("/p");
  await server.reload(policyPipeline([list, answerWith("list")]));
  expect(await (await server.post("/p")).json()).toMatchObject({ policies: [{ name: "extra" }] });
  await server.reload(policyPipeline([list, answerWith("list")], "[{ name: other, content: allow }]"));
  expect(await (await server.post("/p")).json()).toMatchObject({ policies: [{ name: "other" }] });
});
