import { ConfigErrors, messageOf, WorkflowError } from "../error/error.ts";
import { nearestName } from "../schema/nearest.ts";
import { child, type MapNode, type Node, scalarText, typeName } from "../schema/node.ts";
import { emptyMap } from "./config.ts";
import { parsePrefix, parseYaml, type Warn } from "./parse.ts";

/** Reads a file as text; throws what the file system says. `shown` is what messages call the file. */
export type ReadText = (path: string, shown?: string) => string;

/** How files are read while a configuration is loaded, and where warnings go. */
export interface Reading {
  readonly read: ReadText;
  readonly warn: Warn;
}

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

const sectionNames = ["imports", "modules", "workflows", "triggers", "pipelines", "platform", "requires", "sidecars"];
const known = new Set(sectionNames);

/** Keys that describe a configuration to its readers, or that older ones carry for one component. */
const noted = new Set(["name", "version", "description", "reverseproxy", "scheduler"]);

/** Parses one file into its sections. Wrong shapes are errors, all of them at once; unknown keys are warnings. */
export function parseSections(text: string, file: string, warn: Warn): Sections {
  return splitSections(parseYaml(text, file, warn), file, warn);
}

/** Splits a document into its sections. Wrong shapes are errors; unknown keys are kept aside, with a warning. */
export function splitSections(document: Node, file: string, warn: Warn): Sections {
  const problems: WorkflowError[] = [];
  if (document.kind !== "map") {
    throw new ConfigErrors(
      [shapeError(document, `the configuration must be a map, got ${typeName(document)}`)],
      parsePrefix,
    );
  }
  const sections: Sections = {
    file,
    imports: listOf(document, "imports", problems),
    modules: listOf(document, "modules", problems),
    workflows: mapOf(document, "workflows", problems),
    triggers: mapOf(document, "triggers", problems),
    pipelines: mapOf(document, "pipelines", problems),
    platform: present(document, "platform"),
    requires: present(document, "requires"),
    sidecars: present(document, "sidecars"),
    extra: extraOf(document, warn),
  };
  if (problems.length > 0) throw new ConfigErrors(problems, parsePrefix);
  return sections;
}

function extraOf(document: MapNode, warn: Warn): ReadonlyMap<string, Node> {
  const extra = new Map<string, Node>();
  for (const [key, { keyAt, value }] of document.entries) {
    if (known.has(key)) continue;
    extra.set(key, value);
    // Keys that begin with `x-` hold anchors for the rest of the file.
    if (noted.has(key) || key.startsWith("x-")) continue;
    const near = nearestName(key, sectionNames);
    const hint = near === undefined ? undefined : `did you mean "${near}"?`;
    warn(
      new WorkflowError("config.unknown_key", `${key}: "${key}" is not known here and has no effect`, {
        at: [keyAt],
        hint,
      }),
    );
  }
  return extra;
}

function listOf(document: MapNode, key: string, problems: WorkflowError[]): readonly Node[] {
  const node = present(document, key);
  if (node === undefined) return [];
  if (node.kind === "list") return node.items;
  problems.push(shapeError(node, `${key}: must be a list, got ${typeName(node)}`));
  return [];
}

function mapOf(document: MapNode, key: string, problems: WorkflowError[]): MapNode {
  const node = present(document, key);
  if (node === undefined) return emptyMap(document.at);
  if (node.kind === "map") return node;
  problems.push(shapeError(node, `${key}: must be a map, got ${typeName(node)}`));
  return emptyMap(document.at);
}

function shapeError(node: Node, text: string): WorkflowError {
  return new WorkflowError("config.shape", text, { at: [node.at] });
}

function present(document: MapNode, key: string): Node | undefined {
  const node = child(document, key);
  return node?.kind === "scalar" && node.value === null ? undefined : node;
}

/** Reads an imported or referenced file, with the reference's place in the message. */
export function readReferenced(path: string, reference: Node, prefix: string, read: ReadText): string {
  const name = scalarText(reference) ?? path;
  return readNamed(path, { shown: path, name, prefix }, reference, read);
}

/** Reads the main file, or one that a reference names. */
export function readNamed(
  path: string,
  words: { readonly shown: string; readonly name: string; readonly prefix: string },
  reference: Node | undefined,
  read: ReadText,
): string {
  try {
    return read(path, words.shown);
  } catch (error) {
    if (error instanceof WorkflowError) throw error;
    const text = `${words.prefix}failed to read config file: open ${words.name}: ${reason(error)}`;
    const at = reference === undefined ? [] : [reference.at];
    const hint =
      reference === undefined ? "check the path; relative paths start from the working directory" : undefined;
    const code = reference === undefined ? "config.read" : "config.import";
    throw new WorkflowError(code, text, { at, hint, cause: error });
  }
}

/** What the file system says, in words. */
function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "no such file or directory";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "is a directory";
  return messageOf(error);
}
