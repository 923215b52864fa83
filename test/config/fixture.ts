import type { Config } from "../../src/config/config.ts";
import { loadConfigFile } from "../../src/config/load.ts";
import { ConfigErrors, WorkflowError } from "../../src/error/error.ts";
import { formatProblem } from "../../src/error/format.ts";
import { child, type Node, plainValue, scalarText } from "../../src/schema/node.ts";

/** Loads `/c/main.yaml` out of a map of files, by absolute path. */
export function loadFiles(files: Readonly<Record<string, string>>): Config {
  return loadConfigFile("/c/main.yaml", (path) => {
    if (Object.hasOwn(files, path)) return files[path] ?? "";
    throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
  });
}

/** The names of modules, in order. */
export function moduleNames(config: Config): (string | undefined)[] {
  return config.modules.map((module) => scalarText(child(module, "name")));
}

/** A section as plain values. */
export function plain(node: Node | undefined): unknown {
  return plainValue(node);
}

/** The message and the places of what loading throws. */
export function failureOf(load: () => unknown): { readonly message: string; readonly problems: readonly string[] } {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigErrors) return { message: error.message, problems: error.problems.map(formatProblem) };
    if (error instanceof WorkflowError) return { message: error.message, problems: [formatProblem(error)] };
    throw error;
  }
  throw new Error("nothing was thrown");
}
