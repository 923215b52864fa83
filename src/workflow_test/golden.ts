import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import { parseYaml } from "../config/parse.ts";
import type { Position } from "../error/error.ts";
import { isPlainMap } from "../json/map.ts";
import { child, type Node } from "../schema/node.ts";
import { compareExactly, type Difference } from "./compare.ts";
import { refusals } from "./evaluate.ts";
import { type Observation, pathOf } from "./observation.ts";
import type { TestCase } from "./test_case.ts";

/** The file that holds what the tests of a file gave: `order.test.yaml` has `order.golden.yaml`. */
export function goldenPath(testFile: string): string {
  return `${testFile.replace(/(\.test)?\.(ya?ml|json)$/, "")}.golden.yaml`;
}

/** What was kept of earlier runs, by the name of the test; undefined when there is no file. */
export function readGolden(path: string): Node | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  return parseYaml(text, path, () => undefined);
}

/** Compares what a test saw with what was kept. */
export function compareGolden(test: TestCase, kept: Node | undefined, seen: Observation): readonly Difference[] {
  const before = child(kept, test.name);
  if (before === undefined) {
    const hint = "nothing is kept for this test; look at it with -update";
    return [...refusals(test, seen), { path: "golden", at: test.at, expected: hint, got: "an outcome" }];
  }
  const at: Position = before.at;
  return [...refusals(test, seen), ...compareExactly(before, goldenOf(seen), { path: "golden", at })];
}

/** The outcome of a test as it is kept: without what differs from run to run. */
export function goldenOf(seen: Observation): Record<string, unknown> {
  const outputs = new Map<string, unknown>();
  for (const { pipeline, step, isNested, status, output } of seen.calls) {
    if (!isNested && pipeline === seen.pipeline && status === "completed") outputs.set(step, output);
  }
  const { status, error, response } = seen;
  const facts = {
    ...(status === undefined ? {} : { status }),
    ...(error === undefined ? {} : { error }),
    path: pathOf(seen.calls, seen.pipeline),
    outputs: Object.fromEntries(outputs),
    ...(response === undefined ? {} : { response: { status: response.status, body: response.body ?? response.text } }),
  };
  const stable = withoutIds(facts, seen.runIds);
  return isPlainMap(stable) ? stable : {};
}

/** Ids of runs are made anew each time. */
function withoutIds(value: unknown, ids: readonly string[]): unknown {
  if (typeof value === "string") {
    return ids.reduce((text, id, index) => text.replaceAll(id, `run-${index + 1}`), value);
  }
  if (Array.isArray(value)) return value.map((item: unknown) => withoutIds(item, ids));
  if (!isPlainMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutIds(item, ids)]));
}

/** The text of a golden file: the outcomes in the order of the tests, the keys of maps sorted. */
export function goldenText(outcomes: ReadonlyMap<string, unknown>, testFile: string): string {
  const head = `# What the tests of ${testFile} gave; written by \`server test -update\`.\n`;
  const entries = [...outcomes].map(([name, outcome]) => [name, sorted(outcome)]);
  // Quoted, so that no text is read back as a number.
  const style = { lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" } as const;
  return head + stringify(Object.fromEntries(entries), style);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isPlainMap(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}
