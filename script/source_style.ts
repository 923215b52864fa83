import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./repository.ts";

/** What is formatted: code and styles, never generated pages or YAML, whose layout carries meaning for readers. */
const patterns = ["{src,test,script,ui}/**/*.{ts,tsx,css}"];

/** Arguments of `bun fmt` for given files, or for everything that is formatted. */
export function formatArguments(files: readonly string[]): string[] {
  return ["fmt", "--no-script", "--print-width=120", ...(files.length > 0 ? files : patterns)];
}

/** The folders that hold code, of those that exist. */
export function sourceFolders(): string[] {
  return ["src", "test", "script", "ui/src"].filter((folder) => existsSync(join(root, folder)));
}
