import { expect, test } from "bun:test";
import { resolve } from "node:path";
import * as code from "./tidy/code.ts";
import * as imports from "./tidy/import.ts";
import { findForbiddenImports } from "./tidy/layer.ts";
import * as name from "./tidy/name.ts";
import { type Project, withProject } from "./tidy/project.ts";
import * as repository from "./tidy/repository.ts";
import * as size from "./tidy/size.ts";

type Rule = (project: Project) => readonly string[] | Promise<readonly string[]>;

/** Files that break a rule on purpose, and why. */
const allowed: readonly { readonly rule: Rule; readonly path: string; readonly why: string }[] = [
  {
    rule: code.findAssertions,
    path: "src/runtime/generation.ts",
    why: "services are stored without their types; a definition's `provides` says which roles its service plays",
  },
  {
    rule: code.findBareTimers,
    path: "src/log/output.ts",
    why: "log lines are written together after a moment; the log outlives every scope",
  },
  {
    rule: code.findBareTimers,
    path: "src/port/exchange.ts",
    why: "one deadline for a slow body, cleared before the function returns; a scope per request would cost more",
  },
];

const rules: readonly (readonly [string, Rule])[] = [
  ["every import follows the layers", findForbiddenImports],
  ["no files load each other in a circle", imports.findCycles],
  ["every file of src is reached from src/main.ts", imports.findDeadFiles],
  ["relative imports carry their extension", imports.findBareImports],
  ["our own files are re-exported by registries only", imports.findBarrels],
  ["index.ts is the name of registries only", imports.findStrayIndexes],
  ["no file is longer than 400 lines", size.findLongFiles],
  ["no function is longer than 70 lines", size.findLongFunctions],
  ["no line is wider than 120 columns", size.findWideLines],
  ["no folder of code has more than 30 files", size.findCrowdedFolders],
  ["no file or export has a banned name", name.findBannedNames],
  ["no export is the numbered twin of another", name.findNumberedTwins],
  ["every export has a doc comment", name.findUndescribedExports],
  ["no type is any", code.findAny],
  ["type assertions stand in the decode layers, each with its reason", code.findAssertions],
  ["no catch is empty", code.findEmptyCatches],
  ["no timer is started bare and no test sleeps", code.findBareTimers],
  ["no promise floats", code.findFloatingPromises],
  ["no test replaces a module", code.findModuleMocks],
  ["no comment silences the compiler or leaves work without an issue", code.findBadComments],
  ["every component has a test under its own name", repository.findUntestedComponents],
  ["no file names a folder of one machine", repository.findMachinePaths],
  ["no lockfile names a registry", repository.findRegistryHosts],
];

const findings = await withProject(resolve(import.meta.dir, ".."), async (project) => {
  const found = new Map<string, string[]>();
  for (const [sentence, rule] of rules) {
    const excused = allowed.filter((entry) => entry.rule === rule).map(({ path }) => path);
    const faults = await rule(project);
    found.set(
      sentence,
      faults.filter((fault) => !excused.some((path) => fault.startsWith(path))),
    );
  }
  return found;
});

test.each(rules.map(([sentence]) => sentence))("%s", (sentence) => {
  expect(findings.get(sentence)).toEqual([]);
});
