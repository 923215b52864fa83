import type { Position, WorkflowError } from "../error/error.ts";
import type { ListNode, MapNode, Node } from "../schema/node.ts";

/** One module as written. */
export interface ModuleEntry {
  readonly node: MapNode;
  /** The file it stands in, for messages about name conflicts. */
  readonly origin: string;
}

/** A configuration after imports and application files were merged; nothing is decoded yet. */
export interface Config {
  /** The main file, or the name given to a posted document. */
  readonly file: string;
  /** Directory that relative file names start from. */
  readonly configDir: string;
  readonly root: Position;
  readonly modules: readonly Node[];
  readonly workflows: MapNode;
  readonly triggers: MapNode;
  readonly pipelines: MapNode;
  readonly platform: Node | undefined;
  readonly requires: Node | undefined;
  /** Top-level keys that older configurations carry and that one component reads: `reverseproxy`, `scheduler`. */
  readonly extra: ReadonlyMap<string, Node>;
  /** Every file that was read, with its text: what a watcher looks at and a hash covers. */
  readonly files: readonly ConfigFile[];
  readonly warnings: readonly WorkflowError[];
}

/** A file that was read for a configuration. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** A map node without entries. */
export function emptyMap(at: Position): MapNode {
  return { kind: "map", at, entries: new Map() };
}

/** A list node without items. */
export function emptyList(at: Position): ListNode {
  return { kind: "list", at, items: [] };
}
