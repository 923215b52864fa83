import { expect, test } from "bun:test";
import { serve, withServer } from "../harness/server.ts";

const pipeline = (...steps: readonly string[]) =>
  withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
${steps.map((step) => `      - ${step}`).join("\n")}
`);
const set = "{ name: set, type: step.set, config: { values: { a: 1 } } }";
const answer = "{ name: answer, type: step.json_response, config: { status: 201, body: { b: 2 } } }";
const broken = '{ name: broken, type: step.set, config: { values: { a: "{{ .missing.x }}" } } }';
const refused = "{ name: check, type: step.validate, config: { required_fields: [zz] } }";

test("a run that wrote nothing is answered with 202", async () => {
  await using server = await serve(pipeline(set));
  const reply = await server.post("/p");
  expect([reply.status, reply.headers.get("content-type"), await reply.text()]).toEqual([
    202,
    "application/json",
    '{"status": "workflow triggered"}',
  ]);
});

test("what a step wrote is the answer", async () => {
  await using server = await serve(pipeline(set, answer));
  const reply = await server.post("/p");
  expect([reply.status, await reply.text()]).toEqual([201, '{"b":2}\n']);
});

test("an unexpected error is a 500 with an id that the log carries, and nothing of its text", async () => {
  await using server = await serve(pipeline(broken));
  const reply = await server.post("/p");
  const body = (await reply.json()) as { error: string; id: string };
  expect([reply.status, body.error]).toEqual([500, "internal error"]);
  const record = await server.logged("Request failed");
  expect(record.attributes).toMatchObject({ id: body.id, method: "POST" });
  expect(record.attributes.error).toContain('step "broken" failed: ');
});

test("a request that is refused is told why", async () => {
  await using server = await serve(pipeline(refused));
  const reply = await server.post("/p");
  expect(reply.status).toBe(400);
  expect(await reply.json()).toEqual({
    error: 'validate step "check": missing required fields: zz',
    fields: [{ field: "zz", rule: "required", message: 'field "zz" is required' }],
  });
});

test("a body that is too large is a 413", async () => {
  await using server = await serve(pipeline(answer));
  const reply = await server.post("/p", `{"a":"${"x".repeat(10 * 1024 * 1024)}"}`);
  expect(reply.status).toBe(413);
});
