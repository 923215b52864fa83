import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check } from "../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline } from "./fixture.ts";

const failing = "{ type: step.validate, required_fields: [zz] }";
const retry = (config: string) => `{ name: again, type: step.retry_with_backoff, config: { ${config} } }`;

/** A server that answers 503 until it has been called `failures` times. */
function flaky(failures: number) {
  let calls = 0;
  const server = Bun.serve({
    port: 0,
    fetch: () => (++calls <= failures ? new Response("busy", { status: 503 }) : Response.json({ call: calls })),
  });
  return {
    url: `http://localhost:${server.port}/`,
    calls: () => calls,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

test("the output is the step's own with the number of the attempt that succeeded", async () => {
  using upstream = flaky(2);
  await using server = await servePipeline([
    retry(`initial_delay: 1ms, step: { type: step.http_call, url: "${upstream.url}" }`),
    `{ name: answer, type: step.json_response, config: { body: { at: { _from: steps.again.retry_attempts }, ` +
      `body: { _from: body } } } }`,
  ]);
  expect(await (await server.post("/p")).json()).toEqual({ at: 2, body: { call: 3 } });
  expect(upstream.calls()).toBe(3);
});

const schedules: readonly [config: string, taken: readonly number[]][] = [
  ["max_retries: 3, initial_delay: 100ms", [100, 200, 400]],
  ["max_retries: 3, initial_delay: 100ms, multiplier: 3", [100, 300, 900]],
  ["max_retries: 3, initial_delay: 100ms, multiplier: 0", [100, 200, 400]],
  ["max_retries: 4, initial_delay: 100ms, max_delay: 150ms", [100, 150, 150, 150]],
  ["max_retries: 1, initial_delay: 1m", [30_000]],
  ["max_retries: 1", [1000]],
];

test.each(schedules)("with %s it waits %j", async (config, expected) => {
  const clock = new ManualClock();
  await using server = await servePipeline([retry(`${config}, step: ${failing}`)], { clock });
  const pending = server.post("/p");
  const taken: number[] = [];
  for (const wanted of expected) {
    while (clock.pendingTimers === 0) await clock.advance(0);
    await clock.advance(wanted - 1);
    const isWaiting = clock.pendingTimers === 1;
    await clock.advance(1);
    taken.push(isWaiting ? wanted : 0);
  }
  expect(taken).toEqual([...expected]);
  expect((await pending).status).toBe(400);
});

test.each([
  ["max_retries: 0", 1],
  ["max_retries: -4", 1],
  ["max_retries: 2, initial_delay: 1ms", 3],
])("with %s there are %i attempts", async (config, attempts) => {
  await using server = await servePipeline([retry(`${config}, step: ${failing}`)]);
  expect(((await (await server.post("/p")).json()) as { error: string }).error).toEndWith(
    `retry_with_backoff step "again": all ${attempts} attempts failed: ` +
      `validate step "again-step": missing required fields: zz`,
  );
});

test("a client that goes away ends the waiting", async () => {
  const clock = new ManualClock();
  await using server = await servePipeline([retry(`step: ${failing}`)], { clock });
  const client = new AbortController();
  const pending = server.fetch("/p", { method: "POST", signal: client.signal });
  pending.catch((error: unknown) => error);
  while (clock.pendingTimers === 0) await clock.advance(0);
  client.abort();
  const record = await server.logged("Step failed");
  expect(record.attributes.error).toBe(
    'retry_with_backoff step "again": context cancelled after 1 attempts: context canceled',
  );
  expect(clock.pendingTimers).toBe(0);
});

test("a sub-step's stop and jump are passed on", async () => {
  await using server = await servePipeline([
    retry("step: { type: step.conditional, field: method, routes: { POST: answer } }"),
    `{ name: bad, type: step.validate, config: { required_fields: [zz] } }`,
    answerWith("again"),
  ]);
  expect(await (await server.post("/p")).json()).toEqual({
    matched_value: "POST",
    next_step: "answer",
    retry_attempts: 0,
  });
});

const head = 'pipeline "p": step "again" (type step.retry_with_backoff): retry_with_backoff step "again": ';
test.each([
  ["max_retries: 1", `13:9: failed to configure pipelines: ${head}'step' config is required`],
  [
    `initial_delay: soon, step: ${failing}`,
    `13:80: ${head}'initial_delay' cannot be read: invalid duration "soon": expected a number`,
  ],
])("%s is refused", async (config, message) => {
  expect((await check(pipelineOf([retry(config)]))).errors.map((text) => text.slice(0, message.length))).toEqual([
    message,
  ]);
});
