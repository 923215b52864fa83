import { expect, test } from "bun:test";
import { ManualClock } from "../../../harness/manual_clock.ts";
import { check } from "../../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline } from "../fixture.ts";

const breaker = (config: string) => `{ name: guard, type: step.circuit_breaker, config: ${config} }`;
/** Fails unless the request has a body with `ok`. */
const work = "{ name: work, type: step.foreach, config: { collection: body.ok } }";

const good = { ok: [] };
const badly = {};
const state = async (reply: Response) =>
  ((await reply.json()) as { circuit_breaker?: unknown }).circuit_breaker ?? reply.status;

function serveBreaker(config: string, more: readonly string[] = [work], clock = new ManualClock()) {
  return servePipeline([breaker(config), ...more, answerWith("guard")], { clock });
}

test("failures of later steps open the circuit, and runs are refused until the timeout", async () => {
  const clock = new ManualClock();
  await using server = await serveBreaker(
    "{ failure_threshold: 2, timeout: 10s, success_threshold: 1 }",
    [work],
    clock,
  );
  const closed = { state: "closed", service: "guard", allowed: true };
  expect(await state(await server.post("/p", good))).toEqual(closed);
  expect((await server.post("/p", badly)).status).toBe(400);
  expect((await server.post("/p", badly)).status).toBe(400);
  const refused = await server.post("/p", good);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "10"]);
  expect(((await refused.json()) as { error: string }).error).toEndWith(
    'circuit_breaker step "guard": circuit is open for service "guard"',
  );
  await clock.advance(9999);
  expect((await server.post("/p", good)).status).toBe(503);
  await clock.advance(1);
  expect(await state(await server.post("/p", good))).toEqual({ ...closed, state: "half-open", transitioned: true });
  expect(await state(await server.post("/p", good))).toEqual(closed);
});

test("the defaults are five failures, thirty seconds and three successes", async () => {
  const clock = new ManualClock();
  await using server = await serveBreaker("{}", [work], clock);
  for (let run = 0; run < 4; run++) await server.post("/p", badly);
  expect((await server.post("/p", badly)).status).toBe(400);
  expect((await server.post("/p", good)).headers.get("retry-after")).toBe("30");
  await clock.advance(30_000);
  const states = [];
  for (let run = 0; run < 4; run++) states.push(await state(await server.post("/p", good)));
  expect(states.map((shown) => Object(shown).state)).toEqual(["half-open", "half-open", "half-open", "closed"]);
});

test("a failure while trying opens the circuit again", async () => {
  const clock = new ManualClock();
  await using server = await serveBreaker("{ failure_threshold: 1, timeout: 1s }", [work], clock);
  await server.post("/p", badly);
  await clock.advance(1000);
  expect((await server.post("/p", badly)).status).toBe(400);
  expect((await server.post("/p", good)).status).toBe(503);
});

test("failures before the step, and those between successes, do not open the circuit", async () => {
  const before = "{ name: before, type: step.foreach, config: { collection: body.first } }";
  const steps = [before, breaker("{ failure_threshold: 2 }"), work, answerWith("guard")];
  await using server = await servePipeline(steps, { clock: new ManualClock() });
  const post = async (content: object) => (await server.post("/p", content)).status;
  expect([await post({}), await post({}), await post({})]).toEqual([400, 400, 400]);
  expect([await post({ first: [] }), await post({ first: [], ok: [] }), await post({ first: [] })]).toEqual([
    400, 200, 400,
  ]);
  expect(await post({ first: [], ok: [] })).toBe(200);
});

test("a later step that is skipped when it fails counts as well", async () => {
  const skipped = "{ name: work, type: step.foreach, on_error: skip, config: { collection: body.ok } }";
  await using server = await serveBreaker("{ failure_threshold: 1 }", [skipped]);
  expect((await server.post("/p", good)).status).toBe(200);
  expect((await server.post("/p", badly)).status).toBe(200);
  expect((await server.post("/p", good)).status).toBe(503);
});

test("a run that comes by several times counts once", async () => {
  const loop = `{ name: loop, type: step.foreach, config: { collection: body.l, step: { name: guard, type: \
step.circuit_breaker, failure_threshold: 2 } } }`;
  await using server = await servePipeline([loop, work], { clock: new ManualClock() });
  const post = async (content: object) => (await server.post("/p", content)).status;
  expect([await post({ l: [1, 2, 3] }), await post({ l: [1], ok: [] })]).toEqual([400, 202]);
});

test("service_name is what the circuit is called", async () => {
  await using server = await serveBreaker("{ service_name: stock, failure_threshold: 1 }");
  expect(await state(await server.post("/p", good))).toEqual({ state: "closed", service: "stock", allowed: true });
  await server.post("/p", badly);
  expect(((await (await server.post("/p", good)).json()) as { error: string }).error).toContain(
    'circuit is open for service "stock"',
  );
});

test.each([
  ["failure_threshold: 0", `13:81`, "'failure_threshold' must be at least 1, got \"0\""],
  ["success_threshold: 0", `13:81`, "'success_threshold' must be at least 1, got \"0\""],
])("%s is refused", async (config, at, message) => {
  const head = `${at}: pipeline "p": step "guard" (type step.circuit_breaker): circuit_breaker step "guard": `;
  expect((await check(pipelineOf([breaker(`{ ${config} }`)]))).errors).toEqual([head + message]);
});
