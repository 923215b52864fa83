import { expect, test } from "bun:test";
import { serve, withServer } from "../harness/server.ts";

test.each([
  ['eq .body.size "small"', { size: "small" }, true],
  ['eq .body.size "small"', { size: "big" }, false],
  ["not .body.done", { done: false }, true],
  ["not .body.done", { done: true }, false],
  [".body.done", { done: true }, true],
  ["body.done", { done: false }, false],
  ["body.size | lower", { size: "FALSE" }, false],
  ['{{ and .body.a (eq .body.b "x") }}', { a: true, b: "x" }, true],
])("with `if: %s` and the body %j the step runs: %p", async (condition, body, isRun) => {
  await using server = await serve(
    withServer(`pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - name: maybe
        type: step.set
        if: '${condition}'
        config: { values: { ran: "yes" } }
      - { name: answer, type: step.json_response, config: { body: { ran: "{{ .ran }}" } } }
`),
  );
  const expected = isRun ? "yes" : "<no value>";
  expect(await (await server.post("/p", body)).json()).toEqual({ ran: expected });
});
