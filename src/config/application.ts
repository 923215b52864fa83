import { basename, extname, resolve } from "node:path";
import { ConfigErrors, prefixed, WorkflowError } from "../error/error.ts";
import { child, type MapEntry, type MapNode, type Node, scalarText } from "../schema/node.ts";
import { emptyMap } from "./config.ts";
import type { Sections } from "./sections.ts";

interface Part {
  readonly name: string;
  readonly sections: Sections;
}

type Entries = Map<string, MapEntry>;

/**
 * Combines the workflow files of an application. Modules are concatenated and must have different names; pipelines must
 * differ too; triggers of one type are joined when both are lists; later workflow sections replace earlier ones.
 * Throws `ConfigErrors` with every conflict and every file that cannot be loaded.
 */
export function combineApplication(
  application: Node,
  references: readonly Node[],
  directory: string,
  load: (path: string, reference: Node) => Sections,
): Sections {
  const name = scalarText(child(application, "name")) ?? "";
  const joiner = new Joiner(name);
  const parts = references.flatMap((reference) => joiner.load(reference, directory, load));
  const sections: Sections = {
    file: "",
    imports: [],
    modules: joiner.modules(parts),
    workflows: {
      ...emptyMap(application.at),
      entries: new Map(parts.flatMap((part) => [...part.sections.workflows.entries])),
    },
    triggers: joiner.triggers(parts, application),
    pipelines: joiner.pipelines(parts, application),
    platform: undefined,
    requires: joinRequires(parts.map((part) => part.sections.requires).filter((node) => node !== undefined)),
    sidecars: undefined,
    extra: new Map(parts.flatMap((part) => [...part.sections.extra])),
  };
  if (joiner.problems.length > 0) throw new ConfigErrors(joiner.problems, "failed to merge application config: ");
  return sections;
}

/** Joins the parts of one application and gathers what keeps them apart. */
class Joiner {
  readonly problems: WorkflowError[] = [];
  readonly #application: string;

  constructor(application: string) {
    this.#application = application;
  }

  load(reference: Node, directory: string, load: (path: string, reference: Node) => Sections): readonly Part[] {
    const file = scalarText(child(reference, "file"));
    if (file === undefined || file === "") {
      const text = `application "${this.#application}": workflow reference has no 'file' field`;
      this.problems.push(new WorkflowError("config.import", text, { at: [reference.at] }));
      return [];
    }
    try {
      const name = scalarText(child(reference, "name")) ?? basename(file, extname(file));
      return [{ name, sections: load(resolve(directory, file), reference) }];
    } catch (error) {
      const prefix = `application "${this.#application}": failed to load workflow file "${file}": `;
      const causes = error instanceof ConfigErrors ? error.problems : [error];
      const inner = error instanceof ConfigErrors ? error.prefix : "";
      this.problems.push(...causes.map((cause) => prefixed(prefix + inner, cause, "config.import")));
      return [];
    }
  }

  modules(parts: readonly Part[]): readonly Node[] {
    const owner = new Map<string, Part>();
    for (const part of parts) {
      for (const module of part.sections.modules) {
        const nameNode = child(module, "name");
        const key = scalarText(nameNode);
        if (key === undefined) continue;
        const first = owner.get(key);
        // Twice in one file is not a conflict between files: the check of module names reports it.
        if (first !== undefined && first !== part)
          this.#conflict("module", key, [first, part], nameNode?.at ?? module.at);
        else owner.set(key, part);
      }
    }
    return parts.flatMap(({ sections }) => sections.modules);
  }

  pipelines(parts: readonly Part[], root: Node): MapNode {
    const owner = new Map<string, Part>();
    const entries: Entries = new Map();
    for (const part of parts) {
      for (const [key, entry] of part.sections.pipelines.entries) {
        const first = owner.get(key);
        if (first !== undefined) this.#conflict("pipeline", key, [first, part], entry.keyAt);
        else owner.set(key, part);
        entries.set(key, entry);
      }
    }
    return { ...emptyMap(root.at), entries };
  }

  triggers(parts: readonly Part[], root: Node): MapNode {
    const owner = new Map<string, Part>();
    const entries: Entries = new Map();
    for (const part of parts) {
      for (const [key, entry] of part.sections.triggers.entries) {
        const first = entries.get(key);
        const joined = first === undefined ? entry.value : joinLists(first.value, entry.value);
        if (joined === undefined) this.#conflict("trigger", key, [owner.get(key) ?? part, part], entry.keyAt);
        else entries.set(key, { keyAt: first?.keyAt ?? entry.keyAt, value: joined });
        if (!owner.has(key)) owner.set(key, part);
      }
    }
    return { ...emptyMap(root.at), entries };
  }

  #conflict(kind: string, key: string, [first, second]: readonly [Part, Part], at: Node["at"]): void {
    const where = `is defined in both "${first.name}" and "${second.name}"`;
    const text = `application "${this.#application}": ${kind} name conflict: ${kind} "${key}" ${where}`;
    this.problems.push(new WorkflowError("config.duplicate_name", text, { at: [at] }));
  }
}

/** Joins two lists, or two maps that hold one list under the same key (`routes`, `jobs`, `subscriptions`). */
function joinLists(first: Node, second: Node): Node | undefined {
  if (first.kind === "list" && second.kind === "list") return { ...first, items: [...first.items, ...second.items] };
  if (first.kind !== "map" || second.kind !== "map") return undefined;
  const entries = new Map(first.entries);
  for (const [key, entry] of second.entries) {
    const before = entries.get(key);
    const joined = before === undefined ? entry.value : joinLists(before.value, entry.value);
    if (joined === undefined) return undefined;
    entries.set(key, { keyAt: before?.keyAt ?? entry.keyAt, value: joined });
  }
  return { ...first, entries };
}

function joinRequires(nodes: readonly Node[]): Node | undefined {
  return nodes.reduce<Node | undefined>(
    (all, node) => (all === undefined ? node : (joinLists(all, node) ?? all)),
    undefined,
  );
}
