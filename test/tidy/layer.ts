import { importsOf, type Import } from "./import.ts";
import type { Project } from "./project.ts";

const leaves = ["error", "log", "scope", "time", "route", "json", "net", "regexp", "jq"].map((name) => `src/${name}/`);
const vocabulary = ["schema", "template", "port", "define"].map((name) => `src/${name}/`);

/** Path prefixes of each layer, and those its files may import; `src/*.ts` and `src/cli` put the program together. */
const layers: readonly { readonly paths: readonly string[]; readonly mayImport: readonly string[] }[] = [
  { paths: ["src/version.ts", ...leaves], mayImport: leaves },
  { paths: vocabulary, mayImport: vocabulary },
  { paths: ["src/service/"], mayImport: [...vocabulary, "src/service/"] },
  { paths: ["src/config/"], mayImport: ["src/schema/", "src/config/"] },
  { paths: ["src/plan/"], mayImport: [...vocabulary, "src/config/", "src/plan/"] },
  {
    paths: ["src/runtime/"],
    mayImport: [...vocabulary, "src/service/journal/", "src/service/telemetry/", "src/plan/", "src/runtime/"],
  },
  {
    paths: ["src/engine/"],
    mayImport: [...vocabulary, "src/service/", "src/config/", "src/plan/", "src/runtime/", "src/engine/"],
  },
  {
    paths: ["src/workflow_test/"],
    mayImport: [
      ...vocabulary,
      ...["service", "config", "plan", "runtime", "engine", "workflow_test"].map((name) => `src/${name}/`),
    ],
  },
  {
    paths: ["src/management/"],
    mayImport: [...vocabulary, "src/service/", "src/config/", "src/plan/", "src/engine/", "src/management/"],
  },
];

/** Imports that point against the layers, as `from -> to`. */
export function findForbiddenImports(project: Project): string[] {
  return project.sources.flatMap((source) =>
    importsOf(source)
      .filter((entry) => entry.target !== undefined && !isAllowed(source.path, entry.target, entry))
      .map((entry) => `${source.path}:${entry.line} -> ${entry.target ?? ""}`),
  );
}

function isAllowed(from: string, to: string, entry: Import): boolean {
  if (from.startsWith("ui/")) return to.startsWith("ui/") || (to === "src/management/api.ts" && entry.isType);
  if (!from.startsWith("src/")) return true;
  if (!to.startsWith("src/")) return false;
  if (from.startsWith("src/plugin/")) return isAllowedFromPlugin(from, to);
  const layer = layers.find(({ paths }) => startsWithAny(from, paths));
  if (layer === undefined) return from.startsWith("src/cli/") || /^src\/[^/]+\.ts$/.test(from);
  return to === "src/version.ts" || startsWithAny(to, [...leaves, ...layer.mayImport]);
}

/** A family knows itself, the vocabulary and drivers; only the registry knows the families, by their index. */
function isAllowedFromPlugin(from: string, to: string): boolean {
  if (to === "src/version.ts" || startsWithAny(to, [...leaves, ...vocabulary])) return true;
  if (from === "src/plugin/index.ts") return /^src\/plugin\/([^/]+\/(index|plugin)|unavailable)\.ts$/.test(to);
  const family = /^src\/plugin\/[^/]+\//.exec(from)?.[0];
  if (family !== undefined && to.startsWith(family)) return true;
  return to.startsWith("src/service/") && to.endsWith(".driver.ts");
}

function startsWithAny(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path.startsWith(prefix));
}
