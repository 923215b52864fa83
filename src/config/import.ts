import { dirname, resolve } from "node:path";
import { WorkflowError } from "../error/error.ts";
import { child, type MapNode, type Node, scalarText } from "../schema/node.ts";
import { type ReadText, readReferenced, type Sections, splitSections } from "./sections.ts";
import { parseYaml } from "./parse.ts";

/**
 * Folds a file's imports into it, depth first. What the importing file defines wins: a module whose name exists is
 * skipped, and of the other sections only absent keys are taken over.
 */
export function foldImports(
  sections: Sections,
  absolute: string,
  read: ReadText,
  chain: readonly string[] = [],
): Sections {
  const here = [...chain, absolute];
  let result = sections;
  for (const reference of sections.imports) {
    const name = scalarText(reference);
    if (name === undefined)
      throw new WorkflowError("config.import", "an import must be a file name", { at: [reference.at] });
    const path = resolve(dirname(absolute), name);
    if (here.includes(path)) {
      throw new WorkflowError("config.import", `circular import detected: ${name}`, { at: [reference.at] });
    }
    const text = readReferenced(path, reference, `import "${name}": `, read);
    result = merge(result, foldImports(splitSections(parseYaml(text, path), path), path, read, here));
  }
  return result;
}

function merge(into: Sections, from: Sections): Sections {
  const names = new Set(into.modules.map(moduleName));
  return {
    ...into,
    modules: [...into.modules, ...from.modules.filter((module) => !names.has(moduleName(module)))],
    workflows: mergeKeys(into.workflows, from.workflows),
    triggers: mergeKeys(into.triggers, from.triggers),
    pipelines: mergeKeys(into.pipelines, from.pipelines),
    platform: into.platform ?? from.platform,
  };
}

function moduleName(module: Node): string | undefined {
  return scalarText(child(module, "name"));
}

function mergeKeys(into: MapNode, from: MapNode): MapNode {
  const entries = new Map(into.entries);
  for (const [key, entry] of from.entries) if (!entries.has(key)) entries.set(key, entry);
  return { ...into, entries };
}
