import { expect, test } from "bun:test";
import {
  assert,
  asWorkflowError,
  ConfigErrors,
  inFileOrder,
  messageOf,
  placed,
  prefixed,
  unreachable,
  WorkflowError,
} from "../../src/error/error.ts";

const at = (line: number, column = 1, file = "a.yaml") => [{ file, line, column }];
const problem = (message: string, line: number, column = 1, file = "a.yaml") =>
  new WorkflowError("config.value", message, { at: at(line, column, file) });

test("an error takes status, retry class and hint from the catalogue unless it has its own", () => {
  expect(new WorkflowError("http.rate_limited", "slow down", { retryAfterS: 3 })).toMatchObject({
    status: 429,
    retry: "after",
    retryAfterS: 3,
    hint: undefined,
    at: [],
  });
  expect(new WorkflowError("config.bad_duration", "x").hint).toBe('write for example "30s", "1h30m" or "250ms"');
  expect(new WorkflowError("config.bad_duration", "x", { hint: "mine", status: 400 })).toMatchObject({
    hint: "mine",
    status: 400,
  });
});

test("problems come file by file, in the order the files occur, from the top of each", () => {
  const nowhere = new WorkflowError("config.value", "nowhere");
  const problems = [problem("c", 3), problem("other", 1, 1, "b.yaml"), problem("b", 2, 9), nowhere, problem("a", 2, 4)];
  expect(inFileOrder(problems).map(({ message }) => message)).toEqual(["nowhere", "a", "b", "c", "other"]);
});

test("one problem is said as it is, several are counted and listed", () => {
  expect(new ConfigErrors([problem("only", 1)], "failed: ").message).toBe("failed: only");
  const two = new ConfigErrors([problem("second", 2), problem("first", 1)], "failed: ");
  expect(two.message).toBe("failed: config validation failed with 2 error(s):\n  - first\n  - second");
  expect(two).toMatchObject({ code: "config.invalid", status: 422, at: [...at(1), ...at(2)] });
});

test("context in front of a failure keeps everything else of it", () => {
  const cause = new WorkflowError("http.rate_limited", "slow", {
    at: at(4),
    hint: "wait",
    retryAfterS: 2,
    details: { a: 1 },
  });
  expect(prefixed("while calling: ", cause)).toMatchObject({
    code: "http.rate_limited",
    message: "while calling: slow",
    at: at(4),
    hint: "wait",
    status: 429,
    retryAfterS: 2,
    details: { a: 1 },
    cause,
  });
  expect(prefixed("in a: ", new Error("boom"), "step.failed")).toMatchObject({
    code: "step.failed",
    message: "in a: boom",
  });
});

test("context in front of several problems keeps every one of them, and the warnings", () => {
  const errors = new ConfigErrors([problem("one", 1), problem("two", 2)], "inner: ", [problem("odd", 3)]);
  const outer = prefixed("outer: ", errors);
  expect(outer).toBeInstanceOf(ConfigErrors);
  expect(outer.message).toBe("outer: inner: config validation failed with 2 error(s):\n  - one\n  - two");
  expect(outer).toMatchObject({ problems: errors.problems, warnings: errors.warnings });
});

test("a failure without a place gets one, and keeps its own", () => {
  expect(
    placed(new WorkflowError("step.failed", "x", { hint: "h" }), { file: "a.yaml", line: 7, column: 2 }),
  ).toMatchObject({
    at: at(7, 2),
    hint: "h",
  });
  const own = problem("x", 3);
  expect(placed(own, { file: "a.yaml", line: 7, column: 2 })).toBe(own);
});

test.each([
  ["boom", new Error("boom")],
  ["text", "text"],
  ["undefined", undefined],
  ["odd", { toString: (): string => "odd" }],
])("whatever was thrown has a message: %s", (message, thrown) => {
  expect(messageOf(thrown)).toBe(message);
  expect(asWorkflowError(thrown)).toMatchObject({ code: "internal.unexpected", message });
  expect(asWorkflowError(thrown).cause).toBe(thrown);
});

test("a broken invariant is an error of its own", () => {
  expect(() => assert(false, "the list is sorted")).toThrow("invariant broken: the list is sorted");
  expect(() => assert(true, "fine")).not.toThrow();
  expect(() => unreachable("odd" as never)).toThrow('unexpected value: "odd"');
});
