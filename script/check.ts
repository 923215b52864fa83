// Checks types, lint rules and format; all three always run. Arguments are files or folders to check instead of all.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runBun } from "./child.ts";
import { root } from "./repository.ts";
import { formatArguments, sourceFolders } from "./source_style.ts";
import { prepareToolchain } from "./toolchain.ts";

const files = process.argv.slice(2);
await prepareToolchain();

/** Each check: its name, and the arguments for Bun that run it. `--no-script`, or `bun check` would start this file. */
const checks: readonly (readonly [string, readonly string[]])[] = [
  ["types", ["check", "--no-script", ...files]],
  ...(existsSync(join(root, "ui", "tsconfig.json")) && files.length === 0
    ? [["types of ui", ["check", "--no-script", "-p", "ui"]] as const]
    : []),
  ["lint", ["x", "--no-install", "oxlint", "--deny-warnings", ...(files.length > 0 ? files : sourceFolders())]],
  ["format", [...formatArguments(files), "--check"]],
];

const failed: string[] = [];
for (const [name, args] of checks) {
  const code = await runBun(args);
  if (code !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
