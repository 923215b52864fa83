// Writes the generated files that are out of date. `--check` writes nothing, names them and exits with 1.
import { generators } from "./generator/all.ts";
import { findStale, writeStale } from "./generator/generator.ts";
import { root } from "./repository.ts";
import { prepareToolchain } from "./toolchain.ts";

const args = process.argv.slice(2);
if (args.some((argument) => argument !== "--check")) {
  console.error("unknown argument; the only one is --check");
  process.exit(2);
}
await prepareToolchain();
if (args.includes("--check")) {
  const stale = await findStale(root, generators);
  for (const path of stale) console.error(`${path} is out of date: run \`bun run generate\` and commit it`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const path of await writeStale(root, generators)) console.log(`wrote ${path}`);
}
