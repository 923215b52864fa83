import { existsSync } from "node:fs";
import { join } from "node:path";
import { runBun } from "./child.ts";
import { fingerprint } from "./fingerprint.ts";
import { root } from "./repository.ts";

/** Where the built admin interface lies, relative to the root. */
export const interfaceFolder = "ui/dist";

/** Builds the admin interface into `ui/dist`, unless its sources are unchanged or there is no interface. */
export async function buildInterface(mode: "if_changed" | "always"): Promise<void> {
  const folder = join(root, "ui");
  if (!existsSync(join(folder, "package.json"))) return;
  const marker = join(root, "dist", ".interface-inputs");
  // src/management/api.ts gives the interface types only, but its checks run in the build.
  const inputs = await fingerprint(root, ["ui", "bun.lock", "src/management/api.ts"], [Bun.version]);
  const isBuilt = existsSync(join(root, interfaceFolder, "index.html")) && existsSync(marker);
  if (mode === "if_changed" && isBuilt && (await Bun.file(marker).text()) === inputs) return;
  await step(["install", "--frozen-lockfile"], folder);
  // --bun runs Vite under Bun, so that a machine without Node can build too.
  await step(["--bun", "run", "build"], folder);
  await Bun.write(marker, inputs);
}

async function step(args: readonly string[], cwd: string): Promise<void> {
  const code = await runBun(args, { cwd });
  if (code !== 0) throw new Error(`bun ${args.join(" ")} in ui/ failed with exit code ${code}`);
}
