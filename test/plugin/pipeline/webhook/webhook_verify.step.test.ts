import { afterAll, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { ManualClock } from "../../../harness/manual_clock.ts";
import { check } from "../../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline, trace, traces } from "../fixture.ts";

const verify = (config: string) => `{ name: verify, type: step.webhook_verify, config: ${config} }`;
const hex = (secret: string, text: string) => createHmac("sha256", secret).update(text).digest("hex");
const sha1 = (secret: string, text: string) => createHmac("sha1", secret).update(text).digest("base64");
const body = '{"b": 1,  "a": "ü"}';
const refusal = '{"error":"unauthorized","reason":"webhook signature verification failed"}';

const signed: readonly [config: string, headers: Record<string, string>][] = [
  ["{ provider: github, secret: k }", { "X-Hub-Signature-256": `sha256=${hex("k", body)}` }],
  ["{ provider: github, secret: k, header: X-Mine }", { "X-Mine": `sha256=${hex("k", body)}` }],
  ["{ provider: generic, secret: k }", { "X-Signature": hex("k", body) }],
  ["{ provider: generic, secret: k, header: X-Mine }", { "X-Mine": hex("k", body).toUpperCase() }],
  ["{ scheme: hmac-sha1, secret: k, signature_header: X-S }", { "X-S": sha1("k", body) }],
  ["{ scheme: hmac-sha256, secret: k, signature_header: X-S }", { "X-S": hex("k", body) }],
  ["{ scheme: hmac-sha256-hex, secret: k, signature_header: X-S }", { "X-S": `sha256=${hex("k", body)}` }],
  ["{ scheme: hmac-sha256, secret_from: steps.keys.one, signature_header: X-S }", { "X-S": hex("from", body) }],
  ["{ scheme: hmac-sha256, secret: $WEBHOOK_TEST_KEY, signature_header: X-S }", { "X-S": hex("plain", body) }],
  ['{ provider: generic, secret: "${WEBHOOK_KEY}" }', { "X-Signature": hex("braced", body) }],
];

process.env.WEBHOOK_TEST_KEY = "plain";
afterAll(() => {
  delete process.env.WEBHOOK_TEST_KEY;
});

const keys = "{ name: keys, type: step.set, config: { values: { one: from, none: '' } } }";

test.each(signed)("%s accepts what is signed", async (config, headers) => {
  await using server = await servePipeline([keys, verify(config), answerWith("verify")], {
    environment: { WEBHOOK_KEY: "braced" },
  });
  const reply = await server.post("/p", body, headers);
  expect([reply.status, await reply.json()]).toEqual([200, { verified: true }]);
});

test.each(signed)("%s refuses another body", async (config, headers) => {
  await using server = await servePipeline([keys, verify(config), trace("later")], {
    environment: { WEBHOOK_KEY: "braced" },
  });
  const reply = await server.post("/p", `${body} `, headers);
  expect([reply.status, reply.headers.get("content-type"), await reply.text()]).toEqual([
    401,
    "application/json",
    refusal,
  ]);
  expect(traces(server)).toEqual([]);
});

const refused: readonly [config: string, headers: Record<string, string>, reason: string][] = [
  ["{ provider: github, secret: k }", {}, "missing header X-Hub-Signature-256"],
  ["{ provider: github, secret: k }", { "X-Hub-Signature-256": hex("k", body) }, "signature mismatch"],
  ["{ provider: generic, secret: k }", { "X-Signature": "" }, "signature mismatch"],
  ["{ provider: generic, secret: k }", { "X-Signature": `${hex("k", body)}00` }, "signature mismatch"],
  ["{ provider: generic, secret: k }", { "X-Signature": hex("other", body) }, "signature mismatch"],
  ["{ provider: generic, secret: $WEBHOOK_TEST_NONE }", { "X-Signature": hex("", body) }, "the secret is not set"],
  [
    '{ provider: generic, secret: "${WEBHOOK_NONE}" }',
    { "X-Signature": hex("${WEBHOOK_NONE}", body) },
    "the secret is not set",
  ],
  ["{ provider: generic, secret_from: steps.keys.none }", { "X-Signature": hex("", body) }, "the secret is not set"],
  [
    "{ provider: generic, secret_from: steps.keys.nope }",
    { "X-Signature": hex("", body) },
    'the secret is not set: key "nope" not found at path "steps.keys.nope"',
  ],
  ["{ provider: stripe, secret: k }", { "Stripe-Signature": "v1=00" }, "malformed header Stripe-Signature"],
];

test.each(refused)("%s with %j is refused: %s", async (config, headers, reason) => {
  const outcome = '{ name: seen, type: step.log, config: { message: "ran {{ .steps.verify.reason }}" } }';
  const inner = `{ name: loop, type: step.foreach, config: { collection: one, step: { name: verify, type: \
step.webhook_verify, ${config.slice(1, -1)} } } }`;
  const one = "{ name: one, type: step.set, config: { values: { one: [1] } } }";
  const show = outcome.replace(".steps.verify.reason", "(index .steps.loop.results 0).reason");
  await using server = await servePipeline([keys, one, inner, show]);
  expect((await server.post("/p", body, headers)).status).toBe(401);
  expect(traces(server)).toEqual([`ran ${reason}`]);
});

test("error_status is the status of the refusal", async () => {
  await using server = await servePipeline([verify("{ provider: github, secret: k, error_status: 403 }")]);
  const reply = await server.post("/p", body);
  expect([reply.status, await reply.text()]).toEqual([403, refusal]);
});

test("Stripe signs its time, which may be five minutes away", async () => {
  const clock = new ManualClock(1_700_000_000_000);
  await using server = await servePipeline([verify("{ provider: stripe, secret: k }"), answerWith("verify")], {
    clock,
  });
  const post = async (timestamp: number, signedAt = timestamp) => {
    const header = `t=${timestamp},v0=zz,v1=00,v1=${hex("k", `${signedAt}.${body}`)}`;
    return server.post("/p", body, { "Stripe-Signature": header });
  };
  const now = 1_700_000_000;
  expect(await (await post(now)).json()).toEqual({ verified: true, timestamp: now });
  expect((await post(now - 300)).status).toBe(200);
  expect((await post(now + 300)).status).toBe(200);
  expect((await post(now - 301)).status).toBe(401);
  expect((await post(now + 301)).status).toBe(401);
  expect((await post(now, now - 1)).status).toBe(401);
});

const twilio = "scheme: hmac-sha1, secret: k, signature_header: X-Twilio-Signature, include_form_params: true";
const form = "To=%2B2&From=%2B1&Body=a+b&To=3";
const formHeaders = (signature: string) => ({
  "content-type": "application/x-www-form-urlencoded; charset=utf-8",
  "X-Twilio-Signature": signature,
});

test("with include_form_params the URL and the fields of the form are signed", async () => {
  await using server = await servePipeline([verify(`{ ${twilio} }`), answerWith("verify")]);
  const url = `${server.url}/p?x=1`;
  const reply = await server.post("/p?x=1", form, formHeaders(sha1("k", `${url}Bodya bFrom+1To+23`)));
  expect([reply.status, await reply.json()]).toEqual([200, { verified: true }]);
  expect((await server.post("/p?x=2", form, formHeaders(sha1("k", `${url}Bodya bFrom+1To+23`)))).status).toBe(401);
  const json = { "X-Twilio-Signature": sha1("k", `${server.url}/p`) };
  expect((await server.post("/p", body, json)).status).toBe(401);
});

test.each([
  ["", "is not looked at", 401],
  [", url_reconstruction: true", "gives scheme and host", 200],
])("what a proxy says of the URL, with '%s', %s", async (setting, _what, status) => {
  await using server = await servePipeline([verify(`{ ${twilio}${setting} }`), answerWith("verify")]);
  const headers = { "x-forwarded-proto": "https, http", "x-forwarded-host": "hooks.example.com, inner" };
  const signature = sha1("k", "https://hooks.example.com/pBodya bFrom+1To+23");
  expect((await server.post("/p", form, { ...formHeaders(signature), ...headers })).status).toBe(status);
});

test("later steps can still read the body, parsed and as it was sent", async () => {
  await using server = await servePipeline([
    verify("{ provider: generic, secret: k }"),
    "{ name: parse, type: step.request_parse, config: { parse_body: true } }",
    '{ name: answer, type: step.json_response, config: { body: { a: "{{ .steps.parse.body.a }}", ' +
      'raw: "{{ .meta._raw_body }}" } } }',
  ]);
  const reply = await server.post("/p", '{"a":1}', { "X-Signature": hex("k", '{"a":1}') });
  expect(await reply.json()).toEqual({ a: "1", raw: "[123 34 97 34 58 49 125]" });
});

test("a binary body is signed byte by byte", async () => {
  const bytes = new Uint8Array([0, 255, 254, 128]);
  await using server = await servePipeline([verify("{ provider: generic, secret: k }"), answerWith("verify")]);
  const signature = createHmac("sha256", "k").update(bytes).digest("hex");
  const headers = { "content-type": "application/octet-stream", "X-Signature": signature };
  expect((await server.fetch("/p", { method: "POST", headers, body: bytes })).status).toBe(200);
});

const broken: readonly [config: string, message: string][] = [
  ["{ secret: k }", "'scheme' or 'provider' is required"],
  ["{ provider: github }", "'secret' or 'secret_from' is required"],
  ["{ scheme: hmac-sha1, secret: k }", "'signature_header' is required"],
];

test.each(broken)("%s is refused", async (config, message) => {
  const { errors } = await check(pipelineOf([verify(config)]));
  const where = '13:9: failed to configure pipelines: pipeline "p": step "verify" (type step.webhook_verify): ';
  expect(errors).toEqual([`${where}webhook_verify step "verify": ${message}`]);
});

test("schemes and providers that are not known are refused where they stand", async () => {
  const of = async (config: string) => (await check(pipelineOf([verify(config)]))).errors;
  const head = 'pipeline "p": step "verify" (type step.webhook_verify): webhook_verify step "verify": ';
  expect(await of("{ scheme: hmac-md5, secret: k }")).toEqual([
    `13:70: ${head}'scheme' must be one of hmac-sha1, hmac-sha256, hmac-sha256-hex, got "hmac-md5"`,
  ]);
  expect(await of("{ provider: gitlab, secret: k }")).toEqual([
    `13:72: ${head}'provider' must be one of github, stripe, generic, got "gitlab" (did you mean "github"?)`,
  ]);
});
