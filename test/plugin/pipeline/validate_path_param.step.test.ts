import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";
import { answerWith, pipelineOf } from "./fixture.ts";

const server = (config: string, before = "") =>
  serve(
    withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: "/p/{id}" } }
    steps:
${before}
      - { name: check, type: step.validate_path_param, config: ${config} }
      - ${answerWith("check")}
`),
  );
const uuid = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
const head = 'validate_path_param step "check": ';

test("parameters that are there pass", async () => {
  await using one = await server("{ params: [id] }");
  expect(await (await one.get("/p/7")).json()).toEqual({ valid: true });
  await using two = await server("{ params: [id], format: uuid }");
  expect((await two.get(`/p/${uuid}`)).status).toBe(200);
});

test("every parameter that is wrong is named", async () => {
  await using running = await server("{ params: [id, other, constructor], format: uuid }");
  const reply = await running.get("/p/7?other=");
  expect(reply.status).toBe(400);
  expect(await reply.json()).toEqual({
    error:
      `${head}path parameter "id" must be a valid UUID, got "7"; ` +
      'path parameter "other" must be a non-empty string; missing path parameter "constructor"',
    fields: [
      { field: "id", rule: "uuid", message: 'path parameter "id" must be a valid UUID, got "7"' },
      { field: "other", rule: "required", message: 'path parameter "other" must be a non-empty string' },
      { field: "constructor", rule: "required", message: 'missing path parameter "constructor"' },
    ],
  });
});

test("a source is used instead of the top-level values", async () => {
  const before = "      - { name: set, type: step.set, config: { values: { m: { id: 5, x: a } } } }";
  await using running = await server("{ params: [id, x], source: steps.set.m }", before);
  expect(((await (await running.get("/p/7")).json()) as { error: string }).error).toBe(
    `${head}path parameter "id" must be a non-empty string`,
  );
});

test("parameters must be named", async () => {
  const yaml = (config: string) => pipelineOf([`{ name: c, type: step.validate_path_param, config: ${config} }`]);
  const where = 'pipeline "p": step "c" (type step.validate_path_param): validate_path_param step "c": ';
  expect((await check(yaml("{ format: uuid }"))).errors).toEqual([`13:60: ${where}'params' is required`]);
  expect((await check(yaml("{ params: [] }"))).errors).toEqual([`13:70: ${where}'params' must not be empty`]);
});
