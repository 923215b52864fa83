import { expect, test } from "bun:test";
import processing from "../../../src/plugin/statemachine/processing.module.ts";
import type { Executor } from "../../../src/port/service.ts";
import type { TransitionHandler, TransitionListener } from "../../../src/port/statemachine.ts";
import type { LateRef } from "../../../src/schema/field.ts";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve } from "../../harness/server.ts";
import { engineOf, failure, run, withDoor } from "./machine_server.ts";

const hooked = (settings: string, modules = "") =>
  withDoor({
    modules: `  - { name: work, type: processing.step, config: ${settings} }\n${modules}`,
    section: "    hooks: [{ handler: work, transitions: [open] }]",
  });

test("a component that is not there is a warning, and an error when a transition needs it", async () => {
  const yaml = hooked("{ componentId: gone, maxRetries: 0 }");
  expect((await check(yaml)).warnings).toEqual(["12:65: modules[5].config.componentId: service 'gone' is not defined"]);
  await using server = await serve(yaml);
  expect(await failure(run(server, "door", "open", { id: "d1" }))).toBe(
    "workflow execution failed: transition handler failed: " +
      'processing step "work": retries exhausted: service "gone" not found as a component that can be executed',
  );
  expect(engineOf(server).get("d1")).toMatchObject({ currentState: "closed" });
});

test("a component is required", async () => {
  const { errors } = await check(hooked("{}"));
  expect(errors).toEqual(['12:50: modules[5].config.componentId: required config field "componentId" is missing']);
});

test.each([
  ["maxRetries: 0", []],
  ["", [1000, 2000]],
  ["maxRetries: 1", [1000]],
  ["maxRetries: 3, retryBackoffMs: 10", [10, 20, 40]],
  ["maxRetries: 2, retryBackoffMs: 2592000", [2_592_000, 3_600_000]],
])("with { %s } the waits between the attempts are %p ms", async (settings, waits) => {
  const clock = new ManualClock();
  await using server = await serve(hooked(`{ componentId: gone, ${settings} }`), { clock });
  const moving = failure(run(server, "door", "open", { id: "d1" }));
  for (const ms of waits) {
    await clock.advance(ms - 1);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
  }
  expect(await moving).toContain("retries exhausted");
  expect(clock.pendingTimers).toBe(0);
});

test("when every attempt has failed the compensating transition gets the error", async () => {
  await using server = await serve(hooked("{ componentId: gone, maxRetries: 0, compensateTransition: lock }"));
  const locked = Promise.withResolvers<void>();
  engineOf(server).onChange(({ currentState }) => void (currentState === "locked" && locked.resolve()));
  await failure(run(server, "door", "open", { id: "d1" }));
  await locked.promise;
  expect(engineOf(server).get("d1")).toMatchObject({
    currentState: "locked",
    data: { id: "d1", error: 'service "gone" not found as a component that can be executed' },
  });
});

test("failures are counted in the metrics of the module", async () => {
  await using server = await serve(hooked("{ componentId: gone, maxRetries: 0 }"));
  await failure(run(server, "door", "open", { id: "d1" }));
  const text = await server.services.metrics.expose();
  expect(text).toContain('module_operations_total{module="work",operation="execute",status="failure"} 1\n');
  expect(text).toContain('workflow_duration_seconds_count{workflow_type="work",action="processing_step"} 1\n');
});

test("a server that stops gives up waiting for the next attempt", async () => {
  const clock = new ManualClock();
  const server = await serve(hooked("{ componentId: gone }"), { clock });
  const moving = failure(run(server, "door", "open", { id: "d1" }));
  await clock.advance(0);
  await server.engine.current?.scope.close();
  expect(await moving).toContain("retries exhausted");
  expect(clock.pendingTimers).toBe(0);
  await server[Symbol.asyncDispose]();
});

/** The step with a component of the test's own, as the only hook of `open`. */
async function withComponent(execute: Executor["execute"], settings: Readonly<Record<string, unknown>> = {}) {
  const clock = new ManualClock();
  const server = await serve(withDoor(), { clock });
  const { runtime } = server.engine.current ?? {};
  if (runtime === undefined) throw new Error("the server runs");
  const at = { file: "test", line: 1, column: 1 };
  const component: LateRef<Executor> = { name: "own", at, get: () => ({ execute }), find: () => ({ execute }) };
  const context = { name: "work", type: "processing.step", at, log: runtime.log, runtime };
  const usual = {
    maxRetries: 0,
    retryBackoffMs: 1000,
    timeoutSeconds: 30,
    successTransition: "",
    compensateTransition: "",
  };
  const { service } = processing.create(context, { componentId: component, ...usual, ...settings });
  const engine = engineOf(server);
  const definition = engine.definition("door");
  if (definition === undefined) throw new Error("the door is defined");
  const handler = service as TransitionHandler;
  const hook: TransitionListener = async (event) => {
    if (event.transitionId === "open") await handler.handleTransition(event, engine);
  };
  engine.install({ definitions: [definition], hooks: [hook] });
  await engine.create("door", "d1", { color: "red" });
  return { server, clock, engine, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("the component gets the instance's data and what happens to it", async () => {
  const calls: unknown[] = [];
  await using step = await withComponent(async (parameters) => {
    calls.push(parameters);
    return {};
  });
  await step.engine.transition("d1", "open", { by: "me" });
  expect(calls).toEqual([
    { color: "red", by: "me", workflowId: "d1", transitionId: "open", fromState: "closed", toState: "open" },
  ]);
  expect(await step.server.services.metrics.expose()).toContain(
    'module_operations_total{module="work",operation="execute",status="success"} 1\n',
  );
});

test("its result goes to the transition that follows", async () => {
  const settings = { successTransition: "close" };
  await using step = await withComponent(async () => ({ checked: true }), settings);
  const closed = Promise.withResolvers<void>();
  step.engine.onChange(({ currentState }) => void (currentState === "closed" && closed.resolve()));
  await step.engine.transition("d1", "open", {});
  await closed.promise;
  expect(step.engine.get("d1")).toMatchObject({ currentState: "closed", data: { color: "red", checked: true } });
});

test("an attempt that fails is made again, and the first result counts", async () => {
  let attempts = 0;
  await using step = await withComponent(
    async () => {
      attempts++;
      if (attempts === 1) throw new Error("not yet");
      return {};
    },
    { maxRetries: 2 },
  );
  const moving = step.engine.transition("d1", "open", {});
  await step.clock.advance(1000);
  expect(await moving).toMatchObject({ currentState: "open" });
  expect(attempts).toBe(2);
});

test.each([
  [2, 2000],
  [0.5, 500],
])("with timeoutSeconds %p an attempt ends after %i ms, and its signal aborts", async (timeoutSeconds, ms) => {
  let isAborted = false;
  await using step = await withComponent(
    (_, signal) =>
      new Promise(() => {
        signal.addEventListener("abort", () => void (isAborted = true));
      }),
    { timeoutSeconds },
  );
  const moving = failure(step.engine.transition("d1", "open", {}));
  await step.clock.advance(ms - 1);
  expect(isAborted).toBe(false);
  await step.clock.advance(1);
  expect(isAborted).toBe(true);
  expect(await moving).toBe(
    `transition handler failed: processing step "work": retries exhausted: no result within ${timeoutSeconds} s`,
  );
});
