import { expect, test } from "bun:test";
import { answerWith, servePipeline } from "./fixture.ts";

const validate = (config: string) => `{ name: body, type: step.validate_request_body, config: ${config} }`;
const head =
  'workflow execution failed: pipeline "p" execution failed: step "body" failed: validate_request_body step "body": ';

test("the body becomes output; without required fields there may be none", async () => {
  await using server = await servePipeline([validate("{}"), answerWith("body")]);
  expect(await (await server.post("/p", { a: 1 })).json()).toEqual({ body: { a: 1 } });
  expect(await (await server.post("/p")).json()).toEqual({ body: null });
  expect(await (await server.post("/p", " ")).json()).toEqual({ body: null });
});

test("a body that the trigger left unread is read", async () => {
  await using server = await servePipeline([validate("{ required_fields: [a] }"), answerWith("body")]);
  const reply = await server.post("/p", '{"a":1}', { "content-type": "application/octet-stream" });
  expect(await reply.json()).toEqual({ body: { a: 1 } });
});

const refused: readonly [sent: string | undefined, error: string][] = [
  [undefined, "request body is required"],
  ['{"b":1}', "missing required fields: a"],
  ["[1]", "invalid JSON body: it must be an object"],
  ['{"a":', "invalid JSON body: invalid JSON at line 1, column 6: "],
];

test.each(refused)("the body %j is refused", async (sent, error) => {
  await using server = await servePipeline([validate("{ required_fields: [a] }")]);
  const reply = await server.post("/p", sent);
  expect(reply.status).toBe(400);
  expect(((await reply.json()) as { error: string }).error).toStartWith(head + error);
});

test("missing fields are listed", async () => {
  await using server = await servePipeline([validate("{ required_fields: [a, b] }")]);
  expect((await (await server.post("/p", {})).json()) as object).toMatchObject({
    fields: [
      { field: "a", rule: "required", message: 'field "a" is required' },
      { field: "b", rule: "required", message: 'field "b" is required' },
    ],
  });
});
