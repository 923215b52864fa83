import { existsSync } from "node:fs";
import { join } from "node:path";
import { flags } from "../../src/cli/flags.ts";
import { managementRoutes } from "../../src/management/app.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import { templateFunctions } from "../../src/template/functions.ts";
import { root } from "../repository.ts";
import type { CoverageItem, CoverageKind } from "./coverage_list.ts";

/** Every name that the program has, by kind. Features are in no list of the program. */
export type Inventory = Readonly<Record<Exclude<CoverageKind, "feature">, readonly string[]>>;

/** Reads the names from the lists that the program itself works by, and the flags and commands from its sources. */
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
    flag: await usedFlags(),
    command: await commands(),
    endpoint: managementRoutes.flatMap(({ method, path, aliases = [] }) =>
      [path, ...aliases].map((name) => `${method} ${name}`),
    ),
  };
}

/** The command line's flags, those included that are only accepted so far. */
export const acceptedFlags: readonly string[] = Object.keys(flags);

/** Flags whose value some code of the command line reads by name; being accepted is not enough. */
async function usedFlags(): Promise<readonly string[]> {
  const sources = await sourcesOf("src/cli");
  return acceptedFlags.filter((flag) => {
    const name = flag.includes("-") ? String.raw`\["${flag}"\]` : String.raw`(\.${flag}\b|\["${flag}"\])`;
    return new RegExp(String.raw`\b(text|isSet)${name}`).test(sources);
  });
}

/** The words that the command line switches on. */
async function commands(): Promise<readonly string[]> {
  const source = await Bun.file(join(root, "src/cli/run.ts")).text();
  return [...source.matchAll(/^\s*case "([a-z-]+)":/gm)].map((match) => match[1] ?? "");
}

async function sourcesOf(folder: string): Promise<string> {
  const names = [...new Bun.Glob("*.ts").scanSync(join(root, folder))].sort();
  const texts = names.map((name) => Bun.file(join(root, folder, name)).text());
  return (await Promise.all(texts)).join("\n");
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
