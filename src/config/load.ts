import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { WorkflowError } from "../error/error.ts";
import { child } from "../schema/node.ts";
import { combineApplication } from "./application.ts";
import type { Config, ConfigFile } from "./config.ts";
import { foldImports } from "./import.ts";
import { parseYaml } from "./parse.ts";
import { type ReadText, reason, type Sections, splitSections } from "./sections.ts";

const readFromDisk: ReadText = (path) => readFileSync(path, "utf8");

/** Reads a configuration file with its imports, or an application file with its workflow files. */
export function loadConfigFile(path: string, read: ReadText = readFromDisk): Config {
  const absolute = resolve(path);
  const text = readConfigText(absolute, path, read);
  return loadFrom(text, path, absolute, read);
}

/**
 * Reads a configuration that was sent as text. Relative names start from `configDir`; imports of a posted document are
 * read from there too.
 */
export function loadConfigText(text: string, name: string, configDir: string, read: ReadText = readFromDisk): Config {
  return loadFrom(text, name, resolve(configDir, basename(name)), read);
}

/** The configuration of a server without a file: the admin platform alone. */
export function emptyConfig(): Config {
  return loadConfigText("", "(none)", process.cwd());
}

function readConfigText(absolute: string, shown: string, read: ReadText): string {
  try {
    return read(absolute);
  } catch (error) {
    const hint = "check the path; relative paths start from the working directory";
    throw new WorkflowError("config.read", `failed to read config file: open ${shown}: ${reason(error)}`, {
      hint,
      cause: error,
    });
  }
}

function loadFrom(text: string, shown: string, absolute: string, read: ReadText): Config {
  const files: ConfigFile[] = [{ path: absolute, text }];
  const tracked: ReadText = (path) => {
    const content = read(path);
    files.push({ path, text: content });
    return content;
  };
  const document = parseYaml(text, shown);
  const application = child(document, "application");
  const references = child(application, "workflows");
  const sections =
    application !== undefined && references?.kind === "list" && references.items.length > 0
      ? combineApplication(application, references.items, dirname(absolute), (file) => loadFolded(file, tracked))
      : foldImports(splitSections(document, shown), absolute, tracked);
  const root = { file: shown, line: 1, column: 1 };
  return { ...sections, file: shown, configDir: dirname(absolute), root, files, warnings: [] };
}

/** One workflow file of an application, with its imports. */
function loadFolded(path: string, read: ReadText): Sections {
  const text = readConfigText(path, path, read);
  return foldImports(splitSections(parseYaml(text, path), path), path, read);
}
