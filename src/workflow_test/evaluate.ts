import type { Position } from "../error/error.ts";
import { ownValue } from "../json/map.ts";
import { type Node, plainValue, scalarText } from "../schema/node.ts";
import { compare, type Difference, shown, textMatches } from "./compare.ts";
import { type Observation, type ObservedResponse, pathOf } from "./observation.ts";
import type { Expected, ExpectedPath, ExpectedResponse, NamedNode, PlacedName, TestCase } from "./test_case.ts";

/** What is not as a test expects it. */
export function evaluate(test: TestCase, expected: Expected, seen: Observation): readonly Difference[] {
  return [
    ...refusals(test, seen),
    ...checkStatus(test, expected, seen),
    ...expected.paths.flatMap((path) => checkPath(path, seen)),
    ...checkOrder(expected.pathContains, seen),
    ...expected.notExecuted.flatMap((name) => checkNotExecuted(name, seen)),
    ...expected.outputs.flatMap((entry) => checkOutput(entry, seen)),
    ...expected.calls.flatMap(({ name, value }) =>
      compare(value, callsOf(name, seen).length, { path: `calls.${name.text}`, at: name.at }),
    ),
    ...(expected.result === undefined
      ? []
      : compare(expected.result, seen.result, { path: "result", at: expected.at })),
    ...(expected.error === undefined ? [] : checkError(expected.error, seen)),
    ...expected.log.flatMap((text) => checkLog(text, seen)),
    ...(expected.response === undefined ? [] : checkResponse(expected.response, seen.response)),
  ];
}

/** What a test did that no test may do, and what it did in vain. */
export function refusals({ at }: TestCase, seen: Observation): readonly Difference[] {
  const unheard = seen.unheard.map((name) => {
    return { path: `signals.${name.text}`, at: name.at, expected: "a run that waits for it", got: "none did" };
  });
  const refused = seen.refusals.map((text) => ({ path: "steps", at, expected: "nothing outside the test", got: text }));
  return [...refused, ...unheard];
}

/** A failure that nothing in the expectation speaks of is one of the test. */
function checkStatus({ at }: TestCase, expected: Expected, seen: Observation): readonly Difference[] {
  const { status } = expected;
  const got = seen.error === undefined ? (seen.status ?? "no run") : `${seen.status ?? "no run"}: ${seen.error}`;
  if (status !== undefined) {
    return status.text === seen.status ? [] : [{ path: "status", at: status.at, expected: status.text, got }];
  }
  const isSpokenOf = expected.error !== undefined || expected.response !== undefined;
  if (isSpokenOf || seen.error === undefined) return [];
  return [{ path: "status", at, expected: "completed", got }];
}

function checkPath({ pipeline, at, steps }: ExpectedPath, seen: Observation): readonly Difference[] {
  const taken = pathOf(seen.calls, pipeline?.text ?? seen.pipeline);
  const wanted = steps.map(({ text }) => text);
  const index = wanted.findIndex((step, position) => step !== taken[position]);
  const length = index >= 0 ? index : wanted.length;
  if (index < 0 && taken.length === wanted.length) return [];
  const path = pipeline === undefined ? `path.${length}` : `path.${pipeline.text}.${length}`;
  return [{ path, at: steps[length]?.at ?? at, expected: list(wanted), got: list(taken) }];
}

function list(steps: readonly string[]): string {
  return `[${steps.join(", ")}]`;
}

/** The steps have to come in this order; others may come between them. */
function checkOrder(names: readonly PlacedName[], seen: Observation): readonly Difference[] {
  let from = 0;
  for (const name of names) {
    const index = seen.calls.findIndex((call, position) => position >= from && isCallOf(call, name, seen));
    if (index < 0) {
      const taken = seen.calls.map((call) =>
        call.pipeline === seen.pipeline ? call.step : `${call.pipeline}.${call.step}`,
      );
      const expected = list(names.map(({ text }) => text));
      return [{ path: "path_contains", at: name.at, expected: `${expected} in this order`, got: list(taken) }];
    }
    from = index + 1;
  }
  return [];
}

function checkNotExecuted(name: PlacedName, seen: Observation): readonly Difference[] {
  const count = callsOf(name, seen).length;
  return count === 0
    ? []
    : [{ path: "not_executed", at: name.at, expected: `no call of ${name.text}`, got: String(count) }];
}

function checkOutput({ name, value }: NamedNode, seen: Observation): readonly Difference[] {
  const last = callsOf(name, seen).at(-1);
  const path = `outputs.${name.text}`;
  if (last === undefined)
    return [{ path, at: name.at, expected: shown(plainValue(value)), got: "the step did not run" }];
  if (last.status === "failed") {
    return [{ path, at: name.at, expected: shown(plainValue(value)), got: `the step failed: ${last.error ?? ""}` }];
  }
  return compare(value, last.output, { path, at: name.at });
}

function checkError(expected: Node, seen: Observation): readonly Difference[] {
  const text = scalarText(expected) ?? "";
  if (seen.error !== undefined && textMatches(text, seen.error)) return [];
  return [{ path: "error", at: expected.at, expected: text, got: seen.error ?? "no error" }];
}

function checkLog(expected: Node, seen: Observation): readonly Difference[] {
  const text = scalarText(expected) ?? "";
  if (seen.log.some((message) => textMatches(text, message))) return [];
  return [{ path: "log", at: expected.at, expected: text, got: shown(seen.log) }];
}

function checkResponse(expected: ExpectedResponse, seen: ObservedResponse | undefined): readonly Difference[] {
  if (seen === undefined) return [{ path: "response", at: expected.at, expected: "an answer", got: "nothing" }];
  const { status, headers, body, bodyText, json } = expected;
  const at = expected.at;
  return [
    ...(status === undefined ? [] : compare(status, seen.status, { path: "response.status", at })),
    ...headers.flatMap(({ name, value }) => checkHeader(name, value, seen)),
    ...(body === undefined ? [] : compare(body, bodyOf(body, seen), { path: "response.body", at })),
    ...(bodyText === undefined ? [] : checkText(bodyText, seen.text)),
    ...json.flatMap(({ name, value }) => {
      const found = name.text.split(".").reduce<unknown>(valueAt, seen.body);
      return compare(value, found, { path: `response.json.${name.text}`, at: name.at });
    }),
  ];
}

/** A text is expected of a body that is no JSON. */
function bodyOf(expected: Node, { body, text }: ObservedResponse): unknown {
  return body === undefined && (expected.kind === "scalar" || text !== "") ? text : body;
}

function checkHeader({ text, at }: PlacedName, value: Node, seen: ObservedResponse): readonly Difference[] {
  const found = ownValue({ ...seen.headers }, text.toLowerCase());
  // Headers are texts: a number in the test is one, too.
  const written =
    value.kind === "scalar" && value.value !== null ? { ...value, value: scalarText(value) ?? "" } : value;
  return compare(written, found, { path: `response.headers.${text}`, at });
}

function checkText(expected: Node, text: string): readonly Difference[] {
  const wanted = scalarText(expected) ?? "";
  return textMatches(wanted, text)
    ? []
    : [{ path: "response.body_text", at: expected.at, expected: wanted, got: shown(text) }];
}

function valueAt(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  return ownValue(value, key);
}

function callsOf(name: PlacedName, seen: Observation) {
  return seen.calls.filter((call) => isCallOf(call, name, seen));
}

function isCallOf(
  call: { readonly pipeline: string; readonly step: string },
  { text }: PlacedName,
  { find }: Observation,
): boolean {
  return find(text).some(({ pipeline, step }) => call.pipeline === pipeline && call.step === step);
}

/** Where a difference stands, as `file:line:column`. */
export function placeText({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}
