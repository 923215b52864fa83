import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { answerWith, policyPipeline, servePolicy } from "./policy_server.ts";

const load = (config: string) => `{ name: load, type: step.policy_load, config: { ${config} } }`;
const judge = "{ name: judge, type: step.policy_test, config: { engine: guard, expect_allow: false } }";
const given = '{ name: given, type: step.set, config: { values: { policy_content: "{{ .body.content }}" } } }';

test("the output names policy and engine", async () => {
  await using server = await servePolicy([load("engine: guard, policy_name: n, content: allow"), answerWith("load")]);
  expect(await (await server.post("/p")).json()).toEqual({ loaded: true, policy_name: "n", engine: "guard" });
});

test.each([
  ["content: deny", [], { content: "" }, 'policy "n" denies'],
  ["content: allow", [given], { content: "deny" }, 'policy "n" denies'],
  ["content: deny", [given], { content: "" }, 'policy "n" denies'],
])("with %s and steps %j, a run with %j loads what denies", async (config, before, body, reason) => {
  const steps = [...before, load(`engine: guard, policy_name: n, ${config}`), judge, answerWith("judge")];
  await using server = await servePolicy(steps);
  expect(await (await server.post("/p", body)).json()).toMatchObject({ reasons: [reason] });
});

test("a policy replaces the one of its name", async () => {
  const steps = [
    load("engine: guard, policy_name: n, content: allow"),
    judge.replace("false", "true"),
    answerWith("judge"),
  ];
  await using server = await servePolicy(steps, "[{ name: n, content: deny }]");
  expect(await (await server.post("/p")).json()).toMatchObject({ allowed: true });
});

test("without any content the step fails", async () => {
  await using server = await servePolicy([load("engine: guard, policy_name: n")]);
  expect((await server.post("/p")).status).toBe(500);
  expect((await server.logged("Step failed")).attributes.error).toBe(
    'policy_load step "load": no policy content provided',
  );
});

test.each([
  ["engine: guard", "policy_name"],
  ["policy_name: n", "engine"],
])("%s lacks %s", async (config, key) => {
  expect((await check(policyPipeline([load(config)]))).errors).toEqual([
    `14:55: pipeline "p": step "load" (type step.policy_load): policy_load step "load": '${key}' is required`,
  ]);
});
