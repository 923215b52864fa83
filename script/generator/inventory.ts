import { existsSync } from "node:fs";
import { join } from "node:path";
import { flagByName } from "../../src/cli/flags.ts";
import { managementRoutes } from "../../src/management/app.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import { templateFunctions } from "../../src/template/functions.ts";
import { root } from "../repository.ts";
import type { CoverageItem, CoverageKind } from "./coverage_list.ts";

/** Every name that the program has, by kind. Features are in no list of the program. */
export type Inventory = Readonly<Record<Exclude<CoverageKind, "feature">, readonly string[]>>;

/** Reads the names from the lists that the program itself works by; commands from the source that switches on them. */
export async function takeInventory(): Promise<Inventory> {
  const registry = makeRegistry();
  return {
    module: registry.modules.map(({ type }) => type),
    alias: registry.modules.flatMap(({ aliases = [] }) => aliases),
    step: registry.steps.flatMap(({ type, aliases = [] }) => [type, ...aliases]),
    trigger: registry.triggers.map(({ type }) => type),
    workflow: registry.workflows.map(({ key }) => key),
    function: templateFunctions.map(({ name }) => name),
    secret: registry.secretProviders.map(({ scheme }) => scheme),
    flag: workingFlags(),
    command: await commands(),
    endpoint: managementRoutes.flatMap(({ method, path, aliases = [] }) =>
      [path, ...aliases].map((name) => `${method} ${name}`),
    ),
  };
}

/** Every flag that the command line knows, those included that do nothing yet. */
export const knownFlags: readonly string[] = [...flagByName.keys()];

/** Flags that do what they say; the others warn or refuse to start. */
function workingFlags(): readonly string[] {
  return knownFlags.filter((name) => {
    const flag = flagByName.get(name);
    return flag?.later === undefined && flag?.refused === undefined;
  });
}

/** The words that the command line switches on. */
async function commands(): Promise<readonly string[]> {
  const source = await Bun.file(join(root, "src/cli/run.ts")).text();
  return [...source.matchAll(/^\s*case "([a-z-]+)":/gm)].map((match) => match[1] ?? "");
}

/** Whether the program has what an item names: in its lists, or for features by the test that shows it. */
export function isDone({ kind, name, proof }: CoverageItem, inventory: Inventory): boolean {
  switch (kind) {
    case "feature":
      return proof !== undefined && existsSync(join(root, proof));
    case "module":
    case "alias":
      // What one version registers as a type of its own, another may take as a further name.
      return inventory.module.includes(name) || inventory.alias.includes(name);
    default:
      return inventory[kind].includes(name);
  }
}
