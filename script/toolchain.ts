import { existsSync } from "node:fs";
import { join } from "node:path";
import { runBun } from "./child.ts";
import { fingerprint } from "./fingerprint.ts";
import { readManifest, root } from "./repository.ts";

/**
 * Makes Bun and the packages ready: warns when this Bun is not the tested one, and installs the locked packages
 * when none are installed or the lockfile has changed since. Throws when the installation fails.
 */
export async function prepareToolchain(): Promise<void> {
  const { devDependencies } = await readManifest();
  const tested = devDependencies["bun"];
  if (tested !== undefined && tested !== Bun.version) {
    console.error(`warning: this is Bun ${Bun.version}; tested with ${tested} (npx --yes bun@${tested} run <script>)`);
  }
  await installPackages();
}

async function installPackages(): Promise<void> {
  const marker = join(root, "node_modules", ".workflow-lock");
  const wanted = await fingerprint(root, ["package.json", "bun.lock"], [Bun.version]);
  if (existsSync(marker) && (await Bun.file(marker).text()) === wanted) return;
  const code = await runBun(["install", "--frozen-lockfile"]);
  if (code !== 0) throw new Error(`bun install --frozen-lockfile failed with exit code ${code}`);
  await Bun.write(marker, wanted);
}
