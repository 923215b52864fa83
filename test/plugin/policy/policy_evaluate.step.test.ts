import { expect, test } from "bun:test";
import type { PolicyEngine } from "../../../src/port/policy.ts";
import { check } from "../../harness/server.ts";
import { alone, answerWith, policyPipeline, servePolicy } from "./policy_server.ts";

const evaluate = (config: string) => `{ name: ask, type: step.policy_evaluate, config: { ${config} } }`;
const deny = "[{ name: no, content: deny }]";

test("what is allowed goes on", async () => {
  await using server = await servePolicy([evaluate("engine: guard"), answerWith("ask")]);
  expect(await (await server.post("/p")).json()).toEqual({
    allowed: true,
    reasons: [],
    metadata: { backend: "mock" },
    engine: "guard",
  });
});

test("what is denied ends the run without an error and without an answer of its own", async () => {
  await using server = await servePolicy([evaluate("engine: guard"), answerWith("ask")], deny);
  const reply = await server.post("/p");
  expect([reply.status, await reply.json()]).toEqual([202, { status: "workflow triggered" }]);
});

test("the output says why", async () => {
  await using server = await servePolicy(alone(evaluate("engine: guard")), deny);
  expect(await (await server.post("/p")).json()).toEqual([
    { allowed: false, reasons: ['policy "no" denies'], metadata: { backend: "mock" }, engine: "guard" },
  ]);
});

const inputs: readonly [config: string, input: unknown][] = [
  ["", { role: "admin" }],
  [", input_from: other", { n: 1 }],
  [", input_from: text", { method: "POST", path: "/p", policy_input: { role: "admin" }, other: { n: 1 }, text: "t" }],
];

test.each(inputs)("with '%s' the engine is asked about %j", async (config, input) => {
  const set =
    "{ name: set, type: step.set, config: { values: { policy_input: { role: admin }, other: { n: 1 }, text: t } } }";
  await using server = await servePolicy([set, evaluate(`engine: guard${config}`)]);
  const engine = server.engine.current?.service("guard");
  if (engine === undefined || !isEngine(engine)) throw new Error("no policy engine");
  const asked: unknown[] = [];
  const { evaluate: decide } = engine;
  engine.evaluate = (about, signal) => {
    asked.push({ ...about });
    return decide.call(engine, about, signal);
  };
  await server.post("/p");
  expect(asked).toEqual([input]);
});

function isEngine(service: object): service is PolicyEngine {
  return "evaluate" in service && "load" in service;
}

test("an engine that is not there is a warning, and an error when it is asked", async () => {
  const steps = [evaluate("engine: gaurd")];
  expect((await check(policyPipeline(steps))).warnings).toEqual([
    expect.stringContaining("service 'gaurd' is not defined"),
  ]);
  await using server = await servePolicy(steps);
  expect((await server.post("/p")).status).toBe(500);
  expect((await server.logged("Step failed")).attributes.error).toBe(
    'policy_evaluate step "ask": service "gaurd" not found',
  );
});

test("the engine is required", async () => {
  expect((await check(policyPipeline(["{ name: ask, type: step.policy_evaluate, config: {} }"]))).errors).toEqual([
    '14:58: pipeline "p": step "ask" (type step.policy_evaluate): policy_evaluate step "ask": \'engine\' is required',
  ]);
});
