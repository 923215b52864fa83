import { runBun } from "./child.ts";

/**
 * Builds `dist/server` in a process of its own. One that began before the packages were installed goes on not finding
 * them: Bun's resolver remembers what was missing. Ends this process when the build fails.
 */
export async function buildInChild(): Promise<void> {
  const code = await runBun(["script/build.ts"]);
  if (code !== 0) process.exit(code);
}
