import { catalog, isErrorCode } from "../error/catalog.ts";
import { nearestName } from "../schema/nearest.ts";
import { child, type MapNode, type Node } from "../schema/node.ts";
import type { NodeReader } from "./node_reader.ts";
import type { ReplacedStep, Reply } from "./test_case.ts";

/** Keys of a reply. */
export const replyKeys = ["output", "error", "outputs", "next", "delay", "times"] as const;

const errorKeys = ["message", "code"];

/** Reads the steps that a test replaces. */
export function readReplacements(node: Node | undefined, reader: NodeReader): readonly ReplacedStep[] {
  return reader.named(node, "steps").flatMap(({ name, value }) => {
    const where = `steps.${name.text}`;
    const outputs = child(value, "outputs");
    if (outputs !== undefined) {
      const map = reader.map(value, where, ["outputs", "delay"]);
      const delayMs = reader.durationMs(child(map, "delay"), `${where}.delay`) ?? 0;
      const replies = reader.list(outputs, `${where}.outputs`).map((item): Reply => {
        const output = reader.values(item, `an entry of ${where}.outputs`) ?? {};
        return { output, error: undefined, next: undefined, delayMs, times: 1 };
      });
      return { name, replies, afterwards: "refuse" };
    }
    const isList = value.kind === "list";
    const items = isList ? value.items : [value];
    const replies = items.flatMap(
      (item, index) => readReply(item, where, isList && index < items.length - 1, reader) ?? [],
    );
    return { name, replies, afterwards: "real" };
  });
}

/** Of several replies, each but the last is good for one call unless it says for how many. */
function readReply(node: Node, where: string, isFollowed: boolean, reader: NodeReader): Reply | undefined {
  const map = reader.map(node, where, replyKeys);
  if (map === undefined) return undefined;
  const output = reader.values(child(map, "output"), `${where}.output`);
  const error = readError(child(map, "error"), where, reader);
  const hasBoth = child(map, "output") !== undefined && child(map, "error") !== undefined;
  const hasNone = child(map, "output") === undefined && child(map, "error") === undefined;
  if (hasBoth || hasNone) {
    const hint = "write {output: {…}} or {error: a text}";
    reader.problem("config.value", `${where} needs either \`output\` or \`error\``, map.at, hint);
  }
  const times = reader.count(child(map, "times"), `${where}.times`) ?? (isFollowed ? 1 : Number.POSITIVE_INFINITY);
  const next = reader.name(child(map, "next"), `${where}.next`);
  if (next !== undefined && error !== undefined) {
    reader.problem("config.value", `${where}: a step that fails goes on nowhere, so \`next\` has no effect`, next.at);
  }
  return { output, error, next, delayMs: reader.durationMs(child(map, "delay"), `${where}.delay`) ?? 0, times };
}

function readError(node: Node | undefined, where: string, reader: NodeReader): Reply["error"] {
  if (node === undefined) return undefined;
  if (node.kind === "scalar") {
    return { message: reader.text(node, `${where}.error`) ?? "", code: "step.failed" };
  }
  const map: MapNode | undefined = reader.map(node, `${where}.error`, errorKeys);
  const message = reader.text(child(map, "message"), `${where}.error.message`);
  if (map !== undefined && message === undefined) {
    reader.problem("config.required", `${where}.error needs a \`message\``, map.at);
  }
  const codeNode = child(map, "code");
  const code = reader.text(codeNode, `${where}.error.code`) ?? "step.failed";
  if (isErrorCode(code)) return { message: message ?? "", code };
  const near = nearestName(code, Object.keys(catalog));
  const hint = near === undefined ? "docs/errors.md lists them" : `did you mean "${near}"?`;
  reader.problem("config.value", `${where}.error.code: there is no code "${code}"`, codeNode?.at ?? node.at, hint);
  return undefined;
}
