import type { Definition } from "../define/definition.ts";
import { buildRegistry, type Family, type Registry } from "../define/registry.ts";
import { unavailableTypes } from "./unavailable.ts";
import * as http from "./http/index.ts";
import * as pipeline from "./pipeline/index.ts";
import * as secret from "./secret/index.ts";

/** Every family, one line each. */
const families: readonly Readonly<Record<string, Definition>>[] = [
  http,
  pipeline,
  secret,
];

/** The registry of everything this program knows. */
export function makeRegistry(): Registry {
  return buildRegistry(families.map(toFamily), unavailableTypes);
}

function toFamily(exports: Readonly<Record<string, Definition>>): Family {
  const definitions = Object.values(exports);
  const plugin = definitions.find((definition) => definition.kind === "plugin");
  if (plugin === undefined) throw new Error("a family exports its plugin");
  return { plugin, definitions: definitions.filter((definition) => definition !== plugin) };
}
