import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const pipeline = (values: string, rest = "") =>
  withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: compute, type: step.set, config: { values: ${values} } }
      - { name: answer, type: step.json_response, config: { body_from: steps.compute } }
${rest}`);

test("templates in values become text, and other values keep their type", async () => {
  await using server = await serve(
    pipeline(`{ a: "{{ .body.n }}", b: 5, c: [true, "{{ .body.s }}"], d: { e: null } }`),
  );
  const answer = await server.post("/p", { n: 3, s: "x" });
  expect(await answer.json()).toEqual({ a: "3", b: 5, c: [true, "x"], d: { e: null } });
});

test("values are required, and must not be empty", async () => {
  const missing = await check(pipeline("null"));
  expect(missing.errors).toEqual([
    `13:50: pipeline "p": step "compute" (type step.set): set step "compute": 'values' is required`,
  ]);
  const empty = await check(pipeline("{}"));
  expect(empty.errors).toEqual([
    `13:9: failed to configure pipelines: pipeline "p": step "compute" (type step.set): set step "compute": ` +
      `'values' map is required and must not be empty`,
  ]);
});

test("a template that fails fails the step and shows nothing of itself to the client", async () => {
  await using server = await serve(pipeline(`{ a: "{{ .missing.x }}" }`));
  const answer = await server.post("/p", {});
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ error: "internal error", id: expect.any(String) });
});
