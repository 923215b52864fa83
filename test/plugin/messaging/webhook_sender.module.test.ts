import { expect, test } from "bun:test";
import { EgressPolicy } from "../../../src/net/egress.ts";
import type { MessageHandler } from "../../../src/port/messaging.ts";
import type { WebhookSender } from "../../../src/port/webhook.ts";
import { serve, type TestServer } from "../../harness/server.ts";
import { bytes, withBus } from "./publisher.ts";
import { SleepClock } from "./sleep_clock.ts";

const config = (settings: string) =>
  withBus(`
  - { name: hooks, type: webhook.sender, config: ${settings} }
workflows:
  messaging: { subscriptions: [{ topic: t, handler: hooks }] }
`);

interface Received {
  readonly method: string;
  readonly body: string;
  readonly type: string | null;
  readonly token: string | null;
  readonly key: string | null;
}

/** Answers with the statuses in turn, the last one for ever. */
function receiver(...statuses: number[]) {
  return receiverWith({}, ...statuses);
}

/** The same, with headers in every answer. */
function receiverWith(answerHeaders: Record<string, string>, ...statuses: number[]) {
  const received: Received[] = [];
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      const { headers, method } = request;
      const body = await request.text();
      received.push({
        method,
        body,
        type: headers.get("content-type"),
        token: headers.get("x-token"),
        key: headers.get("idempotency-key"),
      });
      const status = statuses[Math.min(received.length, statuses.length) - 1] ?? 200;
      // A connection that is kept would be tried again after the port belongs to the receiver of another test.
      return new Response("", { status, headers: { connection: "close", ...answerHeaders } });
    },
  });
  return {
    received,
    url: `http://localhost:${server.port}/in`,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function senderOf(server: TestServer): WebhookSender {
  return server.engine.current?.service("hooks") as unknown as WebhookSender;
}

const letter = { url: "", headers: {}, body: bytes("{}") };

test.each([
  ["", { method: "POST", type: "application/json", token: null }],
  [", method: PUT", { method: "PUT", type: "application/json", token: null }],
  [", headers: { X-Token: abc }", { method: "POST", type: "application/json", token: "abc" }],
])("a message of a subscription is sent to the url with {%s}", async (settings, expected) => {
  await using target = receiver(200);
  await using server = await serve(config(`{ url: "${target.url}"${settings} }`));
  await server.post("/send", { text: "hi" });
  expect(target.received).toEqual([expect.objectContaining({ ...expected, body: '{"text":"hi"}' })]);
});

test("without a url a message fails with what to set", async () => {
  await using server = await serve(config("{}"));
  await server.post("/send", { text: "hi" });
  expect(await server.logged("Error handling message on")).toMatchObject({
    attributes: { error: 'webhook sender "hooks": url is not configured' },
  });
});

test("it is also found by its fixed name", async () => {
  await using server = await serve(config("{}"));
  expect(server.engine.current?.service("webhook.sender")).toBe(server.engine.current?.service("hooks"));
});

test.each([
  ["{ maxRetries: 1 }", 2],
  ["{ maxRetries: 0 }", 4],
  ["{ maxRetries: -5 }", 4],
  ["{}", 4],
])("with %s a payload that is refused becomes a dead letter after %i attempts", async (settings, attempts) => {
  await using target = receiver(500);
  const clock = new SleepClock(1_700_000_000_000);
  await using server = await serve(config(settings), { clock });
  const sending = senderOf(server)
    .send(target.url, letter.body, { "X-Token": "abc" })
    .then(
      () => "sent",
      (error: Error) => error.message,
    );
  for (let wait = 1; wait < attempts; wait++) await clock.wake(wait);
  const id = "wh-1700000000000000000-1";
  expect(await sending).toBe(`webhook delivery ${id} failed after ${attempts} attempts: webhook returned status 500`);
  expect(target.received).toHaveLength(attempts);
  expect(senderOf(server).deadLetters()).toEqual([
    {
      id,
      url: target.url,
      payload: letter.body,
      headers: { "X-Token": "abc" },
      status: "dead_letter",
      attempts,
      lastError: "webhook returned status 500",
      createdAt: 1_700_000_000_000,
    },
  ]);
});

test("the waits double from a second to a minute and are at least half of that", async () => {
  await using target = receiver(500);
  const clock = new SleepClock();
  await using server = await serve(config("{ maxRetries: 8 }"), { clock });
  const sending = senderOf(server)
    .send(target.url, letter.body, {})
    .catch(() => "failed");
  const steps = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
  for (const [index, step] of steps.entries()) {
    await clock.wake(index + 1);
    expect(clock.sleeps[index]).toBeWithin(step / 2, step + 1);
  }
  expect(await sending).toBe("failed");
  expect(target.received).toHaveLength(9);
});

test("a dead letter that is sent again leaves the list once it is accepted", async () => {
  await using target = receiver(500, 500, 500, 500, 204);
  const clock = new SleepClock(5);
  await using server = await serve(config("{ maxRetries: 1 }"), { clock });
  const sender = senderOf(server);
  const failed = async (work: Promise<unknown>, wait: number) => {
    const settled = work.then(
      () => "no failure",
      (error: Error) => error.message,
    );
    await clock.wake(wait);
    return settled;
  };
  await failed(sender.send(target.url, letter.body, {}), 1);
  const [dead] = sender.deadLetters();
  const id = dead?.id ?? "";
  expect(await failed(sender.retry(id), 2)).toBe(
    `webhook delivery ${id} failed after 4 attempts: webhook returned status 500`,
  );
  expect(sender.deadLetters()).toHaveLength(1);
  expect(await sender.retry(id)).toMatchObject({ id, status: "delivered", attempts: 5, deliveredAt: clock.now() });
  expect(sender.deadLetters()).toEqual([]);
});

test("a dead letter that is not there cannot be sent again", async () => {
  await using server = await serve(config("{}"));
  await expect(senderOf(server).retry("wh-1-1")).rejects.toMatchObject({
    code: "module.not_found",
    message: "dead letter 'wh-1-1' not found",
  });
});

test("beyond maxDeadLetters the oldest is dropped with a warning, and their number is a metric", async () => {
  await using target = receiver(500);
  const clock = new SleepClock();
  await using server = await serve(config("{ maxRetries: 1, maxDeadLetters: 1 }"), { clock });
  for (const [index, text] of ["a", "b"].entries()) {
    const sending = senderOf(server)
      .send(target.url, bytes(text), {})
      .catch(() => "failed");
    await clock.wake(index + 1);
    expect(await sending).toBe("failed");
  }
  expect(
    senderOf(server)
      .deadLetters()
      .map(({ payload }) => payload),
  ).toEqual([bytes("b")]);
  expect(await server.logged("Dead letter dropped")).toMatchObject({ level: "warn" });
  expect(await server.services.metrics.expose()).toContain('workflow_webhook_dead_letters{module="hooks"} 1\n');
});

test("dead letters survive a reload that leaves the sender as it is", async () => {
  await using target = receiver(500);
  const clock = new SleepClock();
  await using server = await serve(config("{ maxRetries: 1 }"), { clock });
  const sending = senderOf(server)
    .send(target.url, letter.body, {})
    .catch(() => "failed");
  await clock.wake(1);
  await sending;
  await server.reload(`${config("{ maxRetries: 1 }")}\n# changed\n`);
  expect(senderOf(server).deadLetters()).toHaveLength(1);
});

test("a server that stops gives up waiting for the next attempt", async () => {
  await using target = receiver(500);
  const clock = new SleepClock();
  const server = await serve(config("{}"), { clock });
  const sender = senderOf(server);
  const sending = sender.send(target.url, letter.body, {}).catch(() => "failed");
  await clock.asleep(1);
  await server[Symbol.asyncDispose]();
  expect(await sending).toBe("failed");
  expect(clock.pendingTimers).toBe(0);
});

test("the key of a message is the same on every attempt, also as a dead letter, and its own", async () => {
  await using target = receiver(500, 500, 204, 204);
  const clock = new SleepClock();
  await using server = await serve(config("{ maxRetries: 1 }"), { clock });
  const sender = senderOf(server);
  const first = sender.send(target.url, letter.body, {}).catch(() => "failed");
  await clock.wake(1);
  await first;
  await sender.retry(sender.deadLetters()[0]?.id ?? "");
  await sender.send(target.url, letter.body, {});
  const [one, two, three, other] = target.received.map(({ key }) => key);
  expect(one).toMatch(/^[0-9a-f-]{36}\/wh-\d+-1$/);
  expect([two, three]).toEqual([one, one]);
  expect(other).toMatch(/^[0-9a-f-]{36}\/wh-\d+-2$/);
});

test.each([
  ["{ URL }", "t/m7"],
  ["{ URL, headers: { idempotency-key: mine } }", "mine"],
])("with %s a message that has an id is sent with the key %s", async (settings, key) => {
  await using target = receiver(200);
  await using server = await serve(config(settings.replace("URL", `url: "${target.url}"`)));
  const handler = server.engine.current?.service("hooks") as unknown as MessageHandler;
  await handler.handleMessage({ topic: "t", id: "m7", payload: bytes("{}") });
  expect(target.received.map((message) => message.key)).toEqual([key]);
});

test.each([
  [400, 1],
  [404, 1],
  [410, 1],
  [408, 2],
  [425, 2],
  [429, 2],
  [500, 2],
  [503, 2],
  [302, 2],
])("a receiver that answers with %i is asked %i times", async (status, attempts) => {
  await using target = receiver(status);
  const clock = new SleepClock();
  await using server = await serve(config("{ maxRetries: 1 }"), { clock });
  const sending = senderOf(server)
    .send(target.url, letter.body, {})
    .catch((error: Error) => error.message);
  for (let wait = 1; wait < attempts; wait++) await clock.wake(wait);
  expect(await sending).toEndWith(`failed after ${attempts} attempts: webhook returned status ${status}`);
  expect(target.received).toHaveLength(attempts);
  expect(senderOf(server).deadLetters()).toHaveLength(1);
});

test.each([
  ["30", 30_000],
  ["7200", 300_000],
])("a receiver that asks to wait %s seconds is left alone for %i ms", async (seconds, waitMs) => {
  await using target = receiverWith({ "retry-after": seconds }, 503, 200);
  const clock = new SleepClock();
  await using server = await serve(config("{}"), { clock });
  const sending = senderOf(server).send(target.url, letter.body, {});
  await clock.wake(1);
  await sending;
  expect(clock.sleeps).toEqual([waitMs]);
});

test("a redirect that keeps the method takes the payload along", async () => {
  await using target = receiver(200);
  await using first = receiverWith({ location: target.url }, 307);
  await using server = await serve(config("{}"));
  await senderOf(server).send(first.url, bytes('{"n":1}'), {});
  expect(target.received.map(({ method, body }) => [method, body])).toEqual([["POST", '{"n":1}']]);
});

test("a receiver that does not answer for 30 seconds is given up", async () => {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<Response>();
  let requests = 0;
  await using silent = Bun.serve({
    port: 0,
    fetch: () => {
      asked.resolve();
      return ++requests === 1 ? gate.promise : new Response();
    },
  });
  const clock = new SleepClock();
  await using server = await serve(config("{ maxRetries: 1 }"), { clock });
  const sending = senderOf(server)
    .send(`http://localhost:${silent.port}/`, letter.body, {})
    .catch((error: Error) => error.message);
  await asked.promise;
  await clock.advance(29_999);
  expect(clock.sleeps).toEqual([]);
  await clock.advance(1);
  await clock.wake(1);
  expect(await sending).toMatchObject({ status: "delivered", attempts: 2 });
  gate.resolve(new Response());
});

test.each([
  ["{}", "is a loopback address that calls may not reach"],
  ["{ egress: { allow: [loopback] } }", "delivered"],
  ["{ egress: { allow: [loopback], deny: [localhost] } }", "localhost is denied by the egress rules"],
])("with %s a delivery to this machine is: %s", async (settings, expected) => {
  await using target = receiver(200);
  await using server = await serve(config(settings), { egress: new EgressPolicy() });
  const sent = senderOf(server)
    .send(target.url, letter.body, {})
    .then(({ status }) => status);
  expect(await sent.catch((error: Error) => error.message)).toContain(expected);
  expect(
    senderOf(server)
      .deadLetters()
      .map(({ attempts }) => attempts),
  ).toEqual(expected === "delivered" ? [] : [1]);
});
