import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { check } from "../../../harness/server.ts";
import { SleepClock } from "../../messaging/sleep_clock.ts";
import { answerWith, pipelineOf, servePipeline } from "../fixture.ts";

/** A service that answers with these in turn, the last one for ever: a status, or 503 with headers. */
function service(...answers: readonly (number | Readonly<Record<string, string>>)[]) {
  const keys: (string | null)[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      keys.push(request.headers.get("idempotency-key"));
      const answer = answers[Math.min(keys.length, answers.length) - 1] ?? 200;
      if (typeof answer === "number") return new Response("{}", { status: answer });
      return new Response("later", { status: 503, headers: answer });
    },
  });
  const url = `http://127.0.0.1:${server.port}`;
  return { keys, url, [Symbol.asyncDispose]: () => server.stop(true) };
}

const call = (url: string, more: string) => `{ name: call, type: step.http_call, config: { url: "${url}", ${more} } }`;

/** Sends one request through a pipeline, waking the step from each of its waits. */
async function statusOf(url: string, settings: string, clock: SleepClock): Promise<number> {
  await using server = await servePipeline([call(url, settings), answerWith("call")], { clock });
  const done = new AbortController();
  const sent = server.post("/p", { n: 1 }).finally(() => done.abort());
  for (let woken = 0; !done.signal.aborted;) {
    await clock.advance(0);
    if (clock.sleeps.length > woken) await clock.advance(clock.sleeps[woken++] ?? 0);
  }
  return (await sent).status;
}

test.each([
  ["max_attempts: 3", [503, 503, 200], 200, 3],
  ["max_attempts: 3", [503], 500, 3],
  ["max_attempts: 2", [503, 503, 200], 500, 2],
  ["timeout: 30s", [503, 200], 500, 1],
  ["max_attempts: 3", [408, 425, 200], 200, 3],
  ["max_attempts: 3", [429, 502, 200], 200, 3],
  ["max_attempts: 3", [504, 200], 200, 2],
  ["max_attempts: 3", [500, 200], 500, 1],
  ["max_attempts: 3", [404, 200], 500, 1],
  ["max_attempts: 3", [400, 200], 500, 1],
  ["max_attempts: 3, method: POST", [503, 200], 200, 2],
  ["max_attempts: 3, method: POST, headers: { Idempotency-Key: '' }", [503, 200], 500, 1],
  ["max_attempts: 3, method: PATCH, headers: { idempotency-key: '' }", [503, 200], 500, 1],
  ["max_attempts: 3, method: PUT, headers: { Idempotency-Key: '' }", [503, 200], 200, 2],
] satisfies [string, number[], number, number][])(
  "with {%s} the answers %p end in %i after %i attempts",
  async (settings, answers, status, attempts) => {
    await using other = service(...answers);
    expect(await statusOf(other.url, settings, new SleepClock())).toBe(status);
    expect(other.keys).toHaveLength(attempts);
  },
);

test("a connection that breaks is tried again", async () => {
  let connections = 0;
  const broken = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => {
      if (++connections === 1) socket.destroy();
      else socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    });
  });
  await new Promise<void>((resolve) => {
    broken.listen(0, "127.0.0.1", resolve);
  });
  const address = broken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await statusOf(`http://127.0.0.1:${port}`, "max_attempts: 2, method: POST", new SleepClock())).toBe(200);
  expect(connections).toBe(2);
  broken.close();
});

test("a service that is not there is tried again", async () => {
  const clock = new SleepClock();
  expect(await statusOf("http://127.0.0.1:1", "max_attempts: 3", clock)).toBe(500);
  expect(clock.sleeps).toHaveLength(2);
});

test("what cannot go better is not tried again", async () => {
  const clock = new SleepClock();
  expect(await statusOf("ftp://127.0.0.1/", "max_attempts: 3", clock)).toBe(500);
  expect(await statusOf("http://10.0.0.1/", "max_attempts: 3", clock)).toBe(500);
  await using large = service(200);
  expect(await statusOf(large.url, "max_attempts: 3, max_response_size: 1", clock)).toBe(500);
  expect(clock.sleeps).toEqual([]);
});

test("the waits double from backoff to max_backoff, and are at least half of that", async () => {
  await using other = service(503);
  const clock = new SleepClock();
  await statusOf(other.url, "max_attempts: 5, backoff: 100ms, max_backoff: 300ms", clock);
  expect(clock.sleeps).toHaveLength(4);
  for (const [index, step] of [100, 200, 300, 300].entries()) {
    expect(clock.sleeps[index]).toBeWithin(step / 2, step + 1);
  }
});

test.each([
  ["3", [3000]],
  ["29", [29_000]],
  ["Thu, 01 Jan 1970 00:00:07 GMT", [7000]],
  ["0", [0]],
])("Retry-After: %s makes the waits %p", async (value, waits) => {
  await using other = service({ "retry-after": value }, 200);
  const clock = new SleepClock();
  expect(await statusOf(other.url, "max_attempts: 2, max_backoff: 1s", clock)).toBe(200);
  expect(clock.sleeps).toEqual(waits);
});

test("a wait that would not end before the timeout is not begun", async () => {
  await using other = service({ "retry-after": "31" }, 200);
  const clock = new SleepClock();
  expect(await statusOf(other.url, "max_attempts: 2", clock)).toBe(500);
  expect(clock.sleeps).toEqual([]);
  expect(await statusOf(other.url, "max_attempts: 2, timeout: 60s", clock)).toBe(200);
});

test.each(["POST", "PUT", "PATCH", "DELETE"])(
  "a %s has the same key on every attempt, each run its own",
  async (method) => {
    await using other = service(503, 503, 200);
    const clock = new SleepClock();
    await statusOf(other.url, `method: ${method}, max_attempts: 3`, clock);
    await statusOf(other.url, `method: ${method}`, clock);
    const [first, second, third, next] = other.keys;
    expect(first).toMatch(/^[0-9a-f-]{36}\/\d+$/);
    expect([second, third]).toEqual([first, first]);
    expect(next).toMatch(/^[0-9a-f-]{36}\/\d+$/);
    expect(next).not.toBe(first);
  },
);

test("two steps of a run have different keys", async () => {
  await using other = service(200);
  const step = (name: string) => call(other.url, "method: POST").replace("name: call", `name: ${name}`);
  await using server = await servePipeline([step("one"), step("two")]);
  await server.post("/p");
  expect(new Set(other.keys).size).toBe(2);
});

test.each([
  ["method: GET", null],
  ["method: head", null],
  ["method: OPTIONS", null],
  ["method: POST, headers: { Idempotency-Key: 'order-{{ .body.n }}' }", "order-1"],
  ["method: POST, headers: { idempotency-key: '' }", null],
])("with {%s} the key is %p", async (settings, key) => {
  await using other = service(200);
  await statusOf(other.url, settings, new SleepClock());
  expect(other.keys).toEqual([key]);
});

test("an attempt that does not begin to answer in time is one that failed", async () => {
  const asked: string[] = [];
  const gate = Promise.withResolvers<Response>();
  await using slow = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ method }) => (asked.push(method) === 1 ? gate.promise : new Response("{}")),
  });
  const clock = new SleepClock();
  const settings = "max_attempts: 2, first_byte_timeout: 2s, timeout: 10s";
  await using server = await servePipeline([call(`http://127.0.0.1:${slow.port}`, settings)], { clock });
  const sent = server.post("/p");
  while (asked.length < 1) await clock.advance(0);
  await clock.advance(1999);
  expect(clock.sleeps).toEqual([]);
  await clock.advance(1);
  await clock.wake(1);
  expect((await sent).status).toBe(202);
  gate.resolve(new Response());
  const warned = await server.logged("Call failed, trying again");
  expect(warned.attributes).toMatchObject({
    step: "call",
    attempt: 1,
    error: "request failed: no answer within 2000 ms",
  });
});

test("more attempts than a hundred, and fewer than one, are not accepted", async () => {
  for (const attempts of [0, 101]) {
    const { warnings } = await check(pipelineOf([call("http://x.test", `max_attempts: ${attempts}`)]));
    expect(warnings.filter((text) => text.includes("max_attempts"))).toHaveLength(1);
  }
});
