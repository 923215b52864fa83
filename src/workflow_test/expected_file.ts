import { nearestName } from "../schema/nearest.ts";
import { child, type Node } from "../schema/node.ts";
import { checkMatchers } from "./compare.ts";
import type { NodeReader } from "./node_reader.ts";
import { type Expected, type ExpectedPath, type ExpectedResponse, type PlacedName, runStatuses } from "./test_case.ts";

/** Keys of `expect`. */
export const expectKeys = [
  "status",
  "path",
  "path_contains",
  "not_executed",
  "outputs",
  "calls",
  "result",
  "error",
  "log",
  "response",
] as const;

/** Keys of `expect.response`. */
export const responseKeys = ["status", "headers", "body", "body_text", "json"] as const;

/** Reads what a test expects. */
export function readExpected(node: Node | undefined, reader: NodeReader): Expected | undefined {
  const map = reader.map(node, "expect", expectKeys);
  if (map === undefined) return undefined;
  if (map.entries.size === 0) reader.problem("config.required", "`expect` is empty: the test could not fail", map.at);
  for (const key of ["outputs", "calls", "result", "error", "log"]) checkMatchers(child(map, key), reader);
  const log = child(map, "log");
  const texts = log?.kind === "scalar" ? [log] : reader.list(log, "expect.log");
  for (const text of texts) reader.text(text, "an entry of expect.log");
  return {
    at: map.at,
    status: readStatus(child(map, "status"), reader),
    paths: readPaths(child(map, "path"), reader),
    pathContains: reader.names(child(map, "path_contains"), "expect.path_contains"),
    notExecuted: reader.names(child(map, "not_executed"), "expect.not_executed"),
    outputs: reader.named(child(map, "outputs"), "expect.outputs"),
    calls: reader.named(child(map, "calls"), "expect.calls"),
    result: child(map, "result"),
    error: readError(child(map, "error"), reader),
    log: texts,
    response: readResponse(child(map, "response"), reader),
  };
}

function readStatus(node: Node | undefined, reader: NodeReader): PlacedName | undefined {
  const status = reader.name(node, "expect.status");
  if (status === undefined || runStatuses.some((word) => word === status.text)) return status;
  const near = nearestName(status.text, runStatuses);
  const hint = near === undefined ? `the words are ${runStatuses.join(", ")}` : `did you mean "${near}"?`;
  reader.problem("config.value", `expect.status: no run is "${status.text}"`, status.at, hint);
  return status;
}

function readError(node: Node | undefined, reader: NodeReader): Node | undefined {
  if (node !== undefined) reader.text(node, "expect.error");
  return node;
}

/** A list for the tested pipeline, or a map of lists by pipeline. */
function readPaths(node: Node | undefined, reader: NodeReader): readonly ExpectedPath[] {
  if (node === undefined) return [];
  if (node.kind !== "map") {
    return [{ pipeline: undefined, at: node.at, steps: reader.names(node, "expect.path") }];
  }
  return reader.named(node, "expect.path").map(({ name, value }) => ({
    pipeline: name,
    at: name.at,
    steps: reader.names(value, `expect.path.${name.text}`),
  }));
}

function readResponse(node: Node | undefined, reader: NodeReader): ExpectedResponse | undefined {
  const map = reader.map(node, "expect.response", responseKeys);
  if (map === undefined) return undefined;
  for (const { value } of map.entries.values()) checkMatchers(value, reader);
  return {
    at: map.at,
    status: child(map, "status"),
    headers: reader.named(child(map, "headers"), "expect.response.headers"),
    body: child(map, "body"),
    bodyText: child(map, "body_text"),
    json: reader.named(child(map, "json"), "expect.response.json"),
  };
}
