import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline } from "./fixture.ts";

const paginate = (config: string) => `{ name: page, type: step.validate_pagination, config: ${config} }`;

const accepted: readonly [config: string, query: string, output: unknown][] = [
  ["{}", "", { page: 1, limit: 20, offset: 0 }],
  ["{}", "?page=3&limit=10", { page: 3, limit: 10, offset: 20 }],
  ["{}", "?page=&limit=100", { page: 1, limit: 100, offset: 0 }],
  ["{ default_limit: 5, default_page: 2 }", "", { page: 2, limit: 5, offset: 5 }],
  ["{ max_limit: 500 }", "?limit=500", { page: 1, limit: 500, offset: 0 }],
];

test.each(accepted)("with %s the query %j gives %j", async (config, query, output) => {
  await using server = await servePipeline([paginate(config), answerWith("page")]);
  expect(await (await server.post(`/p${query}`)).json()).toEqual(output);
});

const refused: readonly [query: string, field: string, message: string][] = [
  ["?page=0", "page", 'invalid page parameter "0" — must be a positive integer'],
  ["?page=1.5", "page", 'invalid page parameter "1.5" — must be a positive integer'],
  ["?limit=-1", "limit", 'invalid limit parameter "-1" — must be a positive integer'],
  ["?limit=101", "limit", "limit 101 exceeds maximum 100"],
  ["?page=999999999999999", "page", "page 999999999999999 is too large for a limit of 20"],
];

test.each(refused)("the query %s is refused", async (query, field, message) => {
  await using server = await servePipeline([paginate("{}")]);
  const reply = await server.post(`/p${query}`);
  expect(reply.status).toBe(400);
  expect(await reply.json()).toEqual({
    error:
      `workflow execution failed: pipeline "p" execution failed: step "page" failed: ` +
      `validate_pagination step "page": ${message}`,
    fields: [{ field, rule: "pagination", message }],
  });
});

test("the largest limit must be positive", async () => {
  expect((await check(pipelineOf([paginate("{ max_limit: 0 }")]))).errors).toEqual([
    `13:76: pipeline "p": step "page" (type step.validate_pagination): validate_pagination step "page": ` +
      `'max_limit' must be at least 1, got "0"`,
  ]);
});
