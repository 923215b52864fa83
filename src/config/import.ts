import { dirname, resolve } from "node:path";
import { WorkflowError } from "../error/error.ts";
import { child, type MapNode, type Node, scalarText } from "../schema/node.ts";
import { parseSections, type Reading, readReferenced, type Sections } from "./sections.ts";

/** Files that one configuration may import, directly or not. */
export const importsMax = 1000;

/**
 * Folds a file's imports into it, depth first. What the importing file defines wins: a module whose name exists is
 * skipped, and of the other sections only absent keys are taken over.
 */
export function foldImports(sections: Sections, absolute: string, reading: Reading): Sections {
  return new ImportFolder(reading).fold(sections, absolute, []);
}

/** A file that is imported in several places is read and folded once. */
class ImportFolder {
  readonly #reading: Reading;
  readonly #folded = new Map<string, Sections>();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  fold(sections: Sections, absolute: string, chain: readonly string[]): Sections {
    const here = [...chain, absolute];
    return sections.imports.reduce(
      (result, reference) => merge(result, this.#read(reference, absolute, here)),
      sections,
    );
  }

  #read(reference: Node, absolute: string, chain: readonly string[]): Sections {
    const name = scalarText(reference);
    if (name === undefined || name === "") {
      throw new WorkflowError("config.import", "an import must be a file name", { at: [reference.at] });
    }
    const path = resolve(dirname(absolute), name);
    if (chain.includes(path)) {
      throw new WorkflowError("config.import", `circular import detected: ${name}`, { at: [reference.at] });
    }
    const before = this.#folded.get(path);
    if (before !== undefined) return before;
    if (this.#folded.size + chain.length > importsMax) {
      const text = `more than ${importsMax} files are imported`;
      throw new WorkflowError("config.import", text, { at: [reference.at] });
    }
    const { read, warn } = this.#reading;
    const text = readReferenced(path, reference, `import "${name}": `, read);
    const folded = this.fold(parseSections(text, path, warn), path, chain);
    this.#folded.set(path, folded);
    return folded;
  }
}

function merge(into: Sections, from: Sections): Sections {
  const names = new Set(into.modules.map(moduleName));
  return {
    ...into,
    modules: [...into.modules, ...from.modules.filter((module) => !names.has(moduleName(module)))],
    workflows: mergeKeys(into.workflows, from.workflows),
    triggers: mergeKeys(into.triggers, from.triggers),
    pipelines: mergeKeys(into.pipelines, from.pipelines),
    platform: mergePlatform(into.platform, from.platform),
  };
}

function moduleName(module: Node): string | undefined {
  return scalarText(child(module, "name"));
}

function mergePlatform(into: Node | undefined, from: Node | undefined): Node | undefined {
  return into?.kind === "map" && from?.kind === "map" ? mergeKeys(into, from) : (into ?? from);
}

function mergeKeys(into: MapNode, from: MapNode): MapNode {
  const entries = new Map(into.entries);
  for (const [key, entry] of from.entries) if (!entries.has(key)) entries.set(key, entry);
  return { ...into, entries };
}
