import { basename, dirname, resolve } from "node:path";
import { WorkflowError } from "../error/error.ts";
import { child, type Node } from "../schema/node.ts";
import { combineApplication } from "./application.ts";
import type { Config, ConfigFile } from "./config.ts";
import { foldImports } from "./import.ts";
import { parseYaml, type Warn } from "./parse.ts";
import { readTextFile } from "./read_text.ts";
import { parseSections, type Reading, readNamed, type ReadText, splitSections } from "./sections.ts";

/** Reads a configuration file with its imports, or an application file with its workflow files. */
export function loadConfigFile(path: string, read: ReadText = readTextFile): Config {
  const absolute = resolve(path);
  const text = readNamed(absolute, { shown: path, name: path, prefix: "" }, undefined, read);
  return loadFrom(text, path, absolute, read);
}

/**
 * Reads a configuration that was sent as text. Relative names start from `configDir`; imports of a posted document are
 * read from there too.
 */
export function loadConfigText(text: string, name: string, configDir: string, read: ReadText = readTextFile): Config {
  return loadFrom(text, name, resolve(configDir, basename(name)), read);
}

/** The configuration of a server without a file: the admin platform alone. */
export function emptyConfig(): Config {
  return loadConfigText("", "(none)", process.cwd());
}

function loadFrom(text: string, shown: string, absolute: string, read: ReadText): Config {
  const files: ConfigFile[] = [{ path: absolute, text }];
  const warnings: WorkflowError[] = [];
  const reading: Reading = {
    read: (path, name) => {
      const content = read(path, name);
      files.push({ path, text: content });
      return content;
    },
    warn: (problem) => void warnings.push(problem),
  };
  const document = parseYaml(text, shown, reading.warn);
  const references = child(child(document, "application"), "workflows");
  const isApplication = references?.kind === "list" && references.items.length > 0;
  const sections = isApplication
    ? combineFiles(document, references.items, absolute, reading)
    : foldImports(splitSections(document, shown, reading.warn), absolute, reading);
  const root = { file: shown, line: 1, column: 1 };
  return { ...sections, file: shown, configDir: dirname(absolute), root, files, warnings };
}

function combineFiles(document: Node, references: readonly Node[], absolute: string, reading: Reading) {
  warnAboutOtherKeys(document, reading.warn);
  const application = child(document, "application") ?? document;
  return combineApplication(application, references, dirname(absolute), (file, reference) => {
    const name = child(reference, "file") ?? reference;
    const text = readNamed(file, { shown: file, name: file, prefix: "" }, name, reading.read);
    return foldImports(parseSections(text, file, reading.warn), file, reading);
  });
}

/** An application file only names workflow files; sections beside `application` never counted. */
function warnAboutOtherKeys(document: Node, warn: Warn): void {
  if (document.kind !== "map") return;
  for (const [key, { keyAt }] of document.entries) {
    if (key === "application" || key === "name" || key === "version" || key === "description") continue;
    const text = `${key}: "${key}" has no effect beside "application"`;
    const hint = "put it into one of the workflow files";
    warn(new WorkflowError("config.unknown_key", text, { at: [keyAt], hint }));
  }
}
