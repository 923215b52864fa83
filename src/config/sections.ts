import { messageOf, WorkflowError } from "../error/error.ts";
import { child, type MapNode, type Node, scalarText, typeName } from "../schema/node.ts";
import { emptyMap } from "./config.ts";

/** Reads a file as text; throws what the file system says. */
export type ReadText = (path: string) => string;

/** The sections of one document, shapes checked. */
export interface Sections {
  readonly file: string;
  readonly modules: readonly Node[];
  readonly workflows: MapNode;
  readonly triggers: MapNode;
  readonly pipelines: MapNode;
  readonly platform: Node | undefined;
  readonly requires: Node | undefined;
  readonly sidecars: Node | undefined;
  readonly imports: readonly Node[];
  readonly extra: ReadonlyMap<string, Node>;
}

const known = new Set(["imports", "modules", "workflows", "triggers", "pipelines", "platform", "requires", "sidecars"]);

/** Splits a document into its sections. Wrong shapes are errors; unknown keys are kept aside. */
export function splitSections(document: Node, file: string): Sections {
  if (document.kind !== "map") {
    throw new WorkflowError("config.shape", `the configuration must be a map, got ${typeName(document)}`, {
      at: [document.at],
    });
  }
  const extra = new Map<string, Node>();
  for (const [key, entry] of document.entries) if (!known.has(key)) extra.set(key, entry.value);
  return {
    file,
    imports: listOf(document, "imports"),
    modules: listOf(document, "modules"),
    workflows: mapOf(document, "workflows"),
    triggers: mapOf(document, "triggers"),
    pipelines: mapOf(document, "pipelines"),
    platform: child(document, "platform"),
    requires: child(document, "requires"),
    sidecars: child(document, "sidecars"),
    extra,
  };
}

function listOf(document: MapNode, key: string): readonly Node[] {
  const node = present(document, key);
  if (node === undefined) return [];
  if (node.kind === "list") return node.items;
  throw new WorkflowError("config.shape", `${key}: must be a list, got ${typeName(node)}`, { at: [node.at] });
}

function mapOf(document: MapNode, key: string): MapNode {
  const node = present(document, key);
  if (node === undefined) return emptyMap(document.at);
  if (node.kind === "map") return node;
  throw new WorkflowError("config.shape", `${key}: must be a map, got ${typeName(node)}`, { at: [node.at] });
}

function present(document: MapNode, key: string): Node | undefined {
  const node = child(document, key);
  return node?.kind === "scalar" && node.value === null ? undefined : node;
}

/** Reads an imported or referenced file, with the reference's place in the message. */
export function readReferenced(path: string, reference: Node, prefix: string, read: ReadText): string {
  try {
    return read(path);
  } catch (error) {
    const shown = scalarText(reference) ?? path;
    const text = `${prefix}failed to read config file: open ${shown}: ${reason(error)}`;
    throw new WorkflowError("config.import", text, { at: [reference.at], cause: error });
  }
}

/** What the file system says, in words. */
export function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "no such file or directory";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "is a directory";
  return messageOf(error);
}
