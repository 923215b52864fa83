import { basename, extname, resolve } from "node:path";
import { prefixed, WorkflowError } from "../error/error.ts";
import { child, type MapNode, type Node, scalarText } from "../schema/node.ts";
import { emptyMap } from "./config.ts";
import type { Sections } from "./sections.ts";

interface Part {
  readonly name: string;
  readonly sections: Sections;
}

/**
 * Combines the workflow files of an application. Modules are concatenated and must have different names; pipelines must
 * differ too; triggers of one type are joined when both are lists; later workflow sections replace earlier ones.
 */
export function combineApplication(
  application: Node,
  references: readonly Node[],
  directory: string,
  load: (path: string) => Sections,
): Sections {
  const name = scalarText(child(application, "name")) ?? "";
  const parts = references.map((reference) => loadPart(name, reference, directory, load));
  const workflows = new Map(parts.flatMap(({ sections }) => [...sections.workflows.entries]));
  const requires = parts.map(({ sections }) => sections.requires).filter((node) => node !== undefined);
  return {
    file: "",
    imports: [],
    modules: joinModules(name, parts),
    workflows: { ...emptyMap(application.at), entries: workflows },
    triggers: joinTriggers(name, parts, application),
    pipelines: joinPipelines(name, parts, application),
    platform: undefined,
    requires: joinRequires(requires),
    sidecars: undefined,
    extra: new Map(parts.flatMap(({ sections }) => [...sections.extra])),
  };
}

function loadPart(application: string, reference: Node, directory: string, load: (path: string) => Sections): Part {
  const file = scalarText(child(reference, "file"));
  if (file === undefined || file === "") {
    const text = `application "${application}": workflow reference has no 'file' field`;
    throw new WorkflowError("config.import", text, { at: [reference.at] });
  }
  const name = scalarText(child(reference, "name")) ?? basename(file, extname(file));
  try {
    return { name, sections: load(resolve(directory, file)) };
  } catch (error) {
    throw prefixed(`application "${application}": failed to load workflow file "${file}": `, error, "config.import");
  }
}

function conflict(
  application: string,
  kind: string,
  key: string,
  first: string,
  second: string,
  at: Node["at"],
): WorkflowError {
  const text = `application "${application}": ${kind} name conflict: ${kind} "${key}" is defined in both "${first}" and "${second}"`;
  return new WorkflowError("config.duplicate_name", text, { at: [at] });
}

function joinModules(application: string, parts: readonly Part[]): readonly Node[] {
  const owner = new Map<string, string>();
  for (const { name, sections } of parts) {
    for (const module of sections.modules) {
      const key = scalarText(child(module, "name"));
      if (key === undefined) continue;
      const first = owner.get(key);
      if (first !== undefined && first !== name) throw conflict(application, "module", key, first, name, module.at);
      owner.set(key, name);
    }
  }
  return parts.flatMap(({ sections }) => sections.modules);
}

function joinPipelines(application: string, parts: readonly Part[], root: Node): MapNode {
  const owner = new Map<string, string>();
  const entries = new Map<string, { readonly keyAt: Node["at"]; readonly value: Node }>();
  for (const { name, sections } of parts) {
    for (const [key, entry] of sections.pipelines.entries) {
      const first = owner.get(key);
      if (first !== undefined) throw conflict(application, "pipeline", key, first, name, entry.keyAt);
      owner.set(key, name);
      entries.set(key, entry);
    }
  }
  return { ...emptyMap(root.at), entries };
}

function joinTriggers(application: string, parts: readonly Part[], root: Node): MapNode {
  const owner = new Map<string, string>();
  const entries = new Map<string, { readonly keyAt: Node["at"]; readonly value: Node }>();
  for (const { name, sections } of parts) {
    for (const [key, entry] of sections.triggers.entries) {
      const first = entries.get(key);
      const joined = first === undefined ? entry.value : joinLists(first.value, entry.value);
      if (joined === undefined) throw conflict(application, "trigger", key, owner.get(key) ?? "", name, entry.keyAt);
      entries.set(key, { keyAt: first?.keyAt ?? entry.keyAt, value: joined });
      owner.set(key, name);
    }
  }
  return { ...emptyMap(root.at), entries };
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
