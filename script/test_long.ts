// `bun run test:long [campaign…] [--flag value…]`: runs the campaigns of test/long, one file `<name>.long.ts` each, one
// after the other against the built executable; flags go to each of them. A campaign prints its figures and exits with
// 1 when one is not what it must be.
import { basename, join } from "node:path";
import { buildInChild } from "./build_child.ts";
import { runBun } from "./child.ts";
import { root } from "./repository.ts";
import { prepareSystemPackages } from "./system_packages.ts";
import { prepareToolchain } from "./toolchain.ts";

const ending = ".long.ts";
const folder = join(root, "test", "long");

const known = [...new Bun.Glob(`*${ending}`).scanSync({ cwd: folder })].map((file) => basename(file, ending)).sort();
const args = process.argv.slice(2);
const firstFlag = args.findIndex((arg) => arg.startsWith("-"));
const [asked, flags] = firstFlag < 0 ? [args, []] : [args.slice(0, firstFlag), args.slice(firstFlag)];
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no campaign is named ${unknown.join(", ")}; there are: ${known.join(", ")}`);
  process.exit(2);
}

await prepareToolchain();
prepareSystemPackages();
await buildInChild();
const failed: string[] = [];
const chosen = asked.length > 0 ? asked : known;
for (const name of chosen) {
  console.log(`\n# ${name}\n`);
  const code = await runBun([join(folder, name + ending), ...flags]);
  if (code !== 0) failed.push(name);
}
console.log(
  `\n${chosen.length - failed.length} campaigns passed, ${failed.length} failed ${failed.join(" ")}`.trimEnd(),
);
process.exitCode = failed.length > 0 ? 1 : 0;
