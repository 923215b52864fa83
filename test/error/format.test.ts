import { expect, test } from "bun:test";
import { ConfigErrors, prefixed, WorkflowError } from "../../src/error/error.ts";
import { formatFailure, formatProblem, problemFacts } from "../../src/error/format.ts";

const at = [{ file: "a.yaml", line: 4, column: 17 }];
const full = new WorkflowError("config.unknown_dependency", "module 'x' is lost", { at, hint: "did you mean 'y'?" });
const bare = new WorkflowError("config.value", "something is off");

test("a problem is one line", () => {
  expect(formatProblem(full)).toBe("a.yaml:4:17: module 'x' is lost (did you mean 'y'?)");
  expect(formatProblem(bare)).toBe("something is off");
});

test("a problem as facts leaves out what it does not have", () => {
  expect(problemFacts(full)).toEqual({
    code: "config.unknown_dependency",
    message: "module 'x' is lost",
    file: "a.yaml",
    line: 4,
    column: 17,
    hint: "did you mean 'y'?",
  });
  expect(problemFacts(bare)).toEqual({ code: "config.value", message: "something is off" });
});

test("a single failure for the terminal is one line with its place and hint at the end", () => {
  expect(formatFailure(full)).toBe("module 'x' is lost [a.yaml:4:17] (did you mean 'y'?)");
  expect(formatFailure(new ConfigErrors([full], "Setup error: "))).toBe(
    "Setup error: module 'x' is lost [a.yaml:4:17] (did you mean 'y'?)",
  );
  expect(formatFailure(bare)).toBe("something is off");
});

test("several problems for the terminal have a line each, below what they were found in", () => {
  const errors = prefixed("Setup error: ", new ConfigErrors([full, bare], "failed to build workflow: "));
  expect(formatFailure(errors)).toBe(
    [
      "Setup error: failed to build workflow: config validation failed with 2 error(s):",
      "  - something is off",
      "  - a.yaml:4:17: module 'x' is lost (did you mean 'y'?)",
    ].join("\n"),
  );
});
