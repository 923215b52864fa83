import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, type TestServer } from "../../harness/server.ts";
import { pipelineOf, servePipeline } from "./fixture.ts";

// The guarded step succeeds when the request body has `ok`.
const guarded = "step: { type: step.validate, source: '', rules: [{ field: body.ok, rule: required }] }";
const breaker = (config: string) =>
  `{ name: guard, type: step.resilient_circuit_breaker, config: { ${config}, ${guarded} } }`;
const answer =
  `{ name: answer, type: step.json_response, config: { body: { open: "{{ ` +
  `.circuit_breaker_open }}", f: "{{ .f }}" } } }`;

/** Sends one request and says in a word what came of it. */
async function outcome(server: TestServer, body: unknown): Promise<string> {
  const reply = await server.post("/p", body);
  const text = await reply.text();
  if (reply.status === 200) return `ok ${text.trim()}`;
  return text.includes("circuit is open") ? `open ${reply.status} ${reply.headers.get("retry-after") ?? ""}` : "failed";
}

const good = { ok: 1 };
const bad = {};
const closed = 'ok {"f":"\\u003cno value\\u003e","open":"false"}';

test("failures in a row open the circuit, and a success after the pause closes it", async () => {
  const clock = new ManualClock();
  await using server = await servePipeline([breaker("failure_threshold: 2, reset_timeout: 30s"), answer], { clock });
  expect(await outcome(server, good)).toBe(closed);
  expect(await outcome(server, bad)).toBe("failed");
  expect(await outcome(server, good)).toBe(closed);
  expect(await outcome(server, bad)).toBe("failed");
  expect(await outcome(server, bad)).toBe("failed");
  expect(await outcome(server, good)).toBe("open 503 30");
  await clock.advance(29_000);
  expect(await outcome(server, good)).toBe("open 503 1");
  await clock.advance(1000);
  expect(await outcome(server, good)).toBe(closed);
  expect(await outcome(server, bad)).toBe("failed");
  expect(await outcome(server, good)).toBe(closed);
});

test("a failure of the one trial opens the circuit again", async () => {
  const clock = new ManualClock();
  await using server = await servePipeline([breaker("failure_threshold: 1, reset_timeout: 10s"), answer], { clock });
  expect(await outcome(server, bad)).toBe("failed");
  await clock.advance(10_000);
  expect(await outcome(server, bad)).toBe("failed");
  expect(await outcome(server, good)).toBe("open 503 10");
});

test("the defaults are five failures and sixty seconds", async () => {
  const clock = new ManualClock();
  await using server = await servePipeline([breaker("fallback: null"), answer], { clock });
  for (let turn = 0; turn < 5; turn++) expect(await outcome(server, bad)).toBe("failed");
  expect(await outcome(server, good)).toBe("open 503 60");
});

test("a fallback runs while the circuit is open", async () => {
  const fallback = "fallback: { type: step.set, values: { f: cached } }";
  await using server = await servePipeline([breaker(`failure_threshold: 1, ${fallback}`), answer]);
  expect(await outcome(server, bad)).toBe("failed");
  expect(await outcome(server, good)).toBe('ok {"f":"cached","open":"true"}');
});

test("while one run tries, the others find the circuit open", async () => {
  const clock = new ManualClock();
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let calls = 0;
  const upstream = Bun.serve({
    port: 0,
    async fetch() {
      calls++;
      if (calls === 2) asked.resolve();
      if (calls === 1) return new Response("no", { status: 500 });
      await gate.promise;
      return Response.json({});
    },
  });
  const step = `step: { type: step.http_call, url: "http://localhost:${upstream.port}/" }`;
  await using server = await servePipeline(
    [
      `{ name: guard, type: step.resilient_circuit_breaker, config: { failure_threshold: 1, reset_timeout: ` +
        `1s, ${step} } }`,
      answer,
    ],
    { clock },
  );
  expect(await outcome(server, good)).toBe("failed");
  await clock.advance(1000);
  const trial = outcome(server, good);
  await asked.promise;
  expect(await outcome(server, good)).toBe("open 503 1");
  gate.resolve();
  expect(await trial).toBe(closed);
  await upstream.stop(true);
});

const head =
  'pipeline "p": step "guard" (type step.resilient_circuit_breaker): resilient_circuit_breaker step "guard": ';
test.each([
  ["failure_threshold: 0", `13:91: ${head}'failure_threshold' must be at least 1, got "0"`],
  ["reset_timeout: x", `13:87: ${head}'reset_timeout' cannot be read: `],
])("%s is refused", async (config, message) => {
  const { errors } = await check(pipelineOf([breaker(config), answer]));
  expect(errors.map((text) => text.slice(0, message.length))).toEqual([message]);
});

test("a step is required", async () => {
  const yaml = pipelineOf(["{ name: guard, type: step.resilient_circuit_breaker, config: {} }"]);
  expect((await check(yaml)).errors).toEqual([`13:70: ${head}'step' is required`]);
});
