// Builds dist/server. `--force` builds even when nothing has changed.
import { buildExecutable } from "./executable.ts";
import { prepareToolchain } from "./toolchain.ts";

const unknown = process.argv.slice(2).filter((argument) => argument !== "--force");
if (unknown.length > 0) {
  console.error(`unknown argument ${unknown.join(" ")}; the only one is --force`);
  process.exit(2);
}
await prepareToolchain();
const report = await buildExecutable(process.argv.includes("--force") ? "always" : "if_changed");
const sizeMb = (report.sizeBytes / 1e6).toFixed(1);
const seconds = (report.durationMs / 1000).toFixed(1);
console.log(`dist/server ${report.outcome}: ${sizeMb} MB, ${seconds} s`);
