import { dirname, resolve } from "node:path";
import { parseYaml } from "../config/parse.ts";
import { readTextFile } from "../config/read_text.ts";
import { ConfigErrors, messageOf, WorkflowError } from "../error/error.ts";
import { asMap } from "../json/map.ts";
import { child, type MapNode, type Node, plainValue } from "../schema/node.ts";
import { readExpected } from "./expected_file.ts";
import { NodeReader } from "./node_reader.ts";
import { readReplacements } from "./reply_file.ts";
import type { TestCase, TestFile, TestSignal, TestStart } from "./test_case.ts";

/** Keys that may stand beside `tests` for all of them, and in each. */
export const sharedKeys = ["now", "environment", "steps", "allow_effects", "timeout"] as const;

/** Keys of a test. */
export const testKeys = ["name", "pipeline", "input", "request", ...sharedKeys, "signals", "expect"] as const;

const fileKeys = ["config", ...sharedKeys, "tests"];
const requestKeys = ["method", "path", "headers", "body", "server"];
const signalKeys = ["name", "payload", "after"];

/** Virtual time of tests that do not say when they are. */
const defaultNowMs = Date.parse("2026-01-01T00:00:00Z");

/** Real time that a test may take, in milliseconds. */
const timeLimitMs = 10_000;

/** Reads a file of workflow tests. Throws `config.read`, or `ConfigErrors` with everything that is wrong with it. */
export function readTestFile(path: string): TestFile {
  return parseTestFile(readText(path), path);
}

/** Reads workflow tests from the text of a file. Throws `ConfigErrors`. */
export function parseTestFile(text: string, path: string): TestFile {
  const reader = new NodeReader();
  const root = reader.map(
    parseYaml(text, path, (problem) => reader.problems.error(problem)),
    "a test file",
    fileKeys,
  );
  const start = { file: path, line: 1, column: 1 };
  const config = reader.name(child(root, "config"), "config");
  if (root !== undefined && config === undefined && child(root, "config") === undefined) {
    const hint = "name the configuration under test, relative to this file";
    reader.problem("config.required", "a test file needs `config`", start, hint);
  }
  const items = reader.list(child(root, "tests"), "tests");
  if (root !== undefined && items.length === 0) {
    reader.problem("config.required", "a test file needs `tests` with at least one test", start);
  }
  const tests = items.flatMap((item) => readTest(item, root, reader) ?? []);
  refuseSameNames(tests, reader);
  const { errors } = reader.problems;
  if (errors.length > 0 || config === undefined) throw new ConfigErrors(errors);
  return { path, config: { at: config.at, path: resolve(dirname(path), config.text) }, tests };
}

function readText(path: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    if (error instanceof WorkflowError) throw error;
    throw new WorkflowError("config.read", `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function readTest(node: Node, file: MapNode | undefined, reader: NodeReader): TestCase | undefined {
  const map = reader.map(node, "a test", testKeys);
  if (map === undefined) return undefined;
  const name = reader.text(child(map, "name"), "name");
  if (name === undefined || name === "") reader.problem("config.required", "a test needs a `name`", map.at);
  const start = readStart(map, reader);
  const expect = child(map, "expect");
  if (expect === undefined) {
    const hint = "without it the test could not fail; write `expect: {status: completed}` at least";
    reader.problem("config.required", "a test needs `expect`", map.at, hint);
  }
  const isGolden = expect?.kind === "scalar" && expect.value === "golden";
  const expected = isGolden ? "golden" : readExpected(expect, reader);
  const own = (key: (typeof sharedKeys)[number]) => child(map, key) ?? child(file, key);
  const shared = {
    nowMs: reader.timeMs(own("now"), "now") ?? defaultNowMs,
    environment: {
      ...reader.texts(child(file, "environment"), "environment"),
      ...reader.texts(child(map, "environment"), "environment"),
    },
    steps: [...readReplacements(child(map, "steps"), reader), ...readReplacements(child(file, "steps"), reader)],
    allowsEffects: reader.flag(own("allow_effects"), "allow_effects") ?? false,
    timeLimitMs: reader.durationMs(own("timeout"), "timeout") ?? timeLimitMs,
  };
  const signals = reader.list(child(map, "signals"), "signals").flatMap((item) => readSignal(item, reader) ?? []);
  if (start === undefined || expected === undefined) return undefined;
  return { name: name ?? "", at: map.at, start, ...shared, signals, expected };
}

function readStart(map: MapNode, reader: NodeReader): TestStart | undefined {
  const pipeline = child(map, "pipeline");
  const request = child(map, "request");
  const input = child(map, "input");
  if ((pipeline === undefined) === (request === undefined)) {
    const hint = "`pipeline` with `input` runs a pipeline, `request` sends a request through the routes";
    reader.problem("config.required", "a test needs either `pipeline` or `request`", map.at, hint);
    return undefined;
  }
  if (request !== undefined) {
    if (input !== undefined) reader.problem("config.unknown_key", "`input` belongs to `pipeline`", input.at);
    return readRequest(request, reader);
  }
  const name = reader.name(pipeline, "pipeline");
  return name === undefined
    ? undefined
    : { kind: "pipeline", pipeline: name, input: reader.values(input, "input") ?? {} };
}

function readRequest(node: Node, reader: NodeReader): TestStart | undefined {
  const map = reader.map(node, "request", requestKeys);
  if (map === undefined) return undefined;
  const path = reader.text(child(map, "path"), "request.path");
  if (path === undefined || !path.startsWith("/")) {
    reader.problem("config.required", "a request needs a `path` that begins with /", child(map, "path")?.at ?? map.at);
    return undefined;
  }
  const method = (reader.text(child(map, "method"), "request.method") ?? "GET").toUpperCase();
  if (!/^[A-Z]+$/.test(method)) {
    reader.problem(
      "config.value",
      `request.method is no method: ${JSON.stringify(method)}`,
      child(map, "method")?.at ?? map.at,
    );
    return undefined;
  }
  const headers = reader.texts(child(map, "headers"), "request.headers");
  const body = child(map, "body");
  const isText = body?.kind === "scalar" && typeof body.value === "string";
  const hasType = Object.keys(headers).some((key) => key.toLowerCase() === "content-type");
  if (body !== undefined && !isText && !hasType) headers["content-type"] = "application/json";
  return {
    kind: "request",
    at: map.at,
    method,
    path,
    headers,
    // A text is sent as it stands, anything else as JSON.
    body: body === undefined ? undefined : isText ? String(body.value) : JSON.stringify(plainValue(body)),
    server: reader.name(child(map, "server"), "request.server"),
  };
}

function readSignal(node: Node, reader: NodeReader): TestSignal | undefined {
  const map = reader.map(node, "a signal", signalKeys);
  if (map === undefined) return undefined;
  const name = reader.name(child(map, "name"), "signals.name");
  if (name === undefined) {
    reader.problem("config.required", "a signal needs a `name`", map.at);
    return undefined;
  }
  const payload = plainValue(child(map, "payload")) ?? asMap(undefined);
  return { name, payload, afterMs: reader.durationMs(child(map, "after"), "signals.after") };
}

function refuseSameNames(tests: readonly TestCase[], reader: NodeReader): void {
  const first = new Map<string, TestCase>();
  for (const test of tests) {
    const before = first.get(test.name);
    if (before === undefined) first.set(test.name, test);
    else
      reader.problem("config.value", `the test "${test.name}" is already defined at line ${before.at.line}`, test.at);
  }
}
