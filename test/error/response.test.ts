import { expect, test } from "bun:test";
import { WorkflowError } from "../../src/error/error.ts";
import { errorAnswer } from "../../src/error/response.ts";

const options = { id: "id-1", isDevelopment: false };

test("a client's mistake is told, with its details", () => {
  const error = new WorkflowError("step.invalid_input", "email is missing", { details: { fields: ["email"] } });
  expect(errorAnswer(error, options)).toEqual({
    status: 400,
    headers: { "content-type": "application/json" },
    body: { error: "email is missing", fields: ["email"] },
    isHidden: false,
  });
});

test.each([
  ["any error", () => new Error("connect to postgres://user:secret@db failed"), 500, "internal error"],
  ["a text", () => "text", 500, "internal error"],
  ["a backend", () => new WorkflowError("http.upstream", "10.0.0.7"), 502, "a backend could not be reached"],
  ["a breaker", () => new WorkflowError("step.circuit_open", "x"), 503, "the service is not available right now"],
  ["a time limit", () => new WorkflowError("run.timeout", "step x took 30 s"), 504, "the request took too long"],
  ["a cancelled run", () => new WorkflowError("run.cancelled", "x"), 503, "the service is not available right now"],
])("what failed inside is withheld: %s", (_what, thrown, status, text) => {
  expect(errorAnswer(thrown(), options)).toMatchObject({ status, isHidden: true, body: { error: text, id: "id-1" } });
});

test("in development the message is shown beside the id", () => {
  const error = new WorkflowError("step.failed", "no such table: orders", { details: { table: "orders" } });
  expect(errorAnswer(error, { id: "id-2", isDevelopment: true })).toMatchObject({
    status: 500,
    body: { error: "no such table: orders", table: "orders", id: "id-2" },
    isHidden: false,
  });
});

test.each([
  [0.2, "1"],
  [3, "3"],
  [3.2, "4"],
])("a wait of %p s is announced in whole seconds", (retryAfterS, header) => {
  const error = new WorkflowError("http.rate_limited", "slow down", { retryAfterS });
  expect(errorAnswer(error, options).headers["retry-after"]).toBe(header);
});
