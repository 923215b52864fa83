import { homedir } from "node:os";
import { join } from "node:path";
import type { Project } from "./project.ts";

/** Component files without a test file of the same name in the mirrored folder. */
export function findUntestedComponents(project: Project): string[] {
  const files = new Set(project.files);
  return project.files
    .filter((path) => /^src\/.*\.(step|module|trigger|workflow)\.ts$/.test(path))
    .filter((path) => !files.has(path.replace(/^src\//, "test/").replace(/\.ts$/, ".test.ts")));
}

/** Files that name a folder of one machine: this checkout, or somebody's home. */
export async function findMachinePaths(project: Project): Promise<string[]> {
  const folders = [`${project.root}/`, ...(homedir().length > "/root".length ? [`${homedir()}/`] : [])];
  const found: string[] = [];
  for (const path of project.files) {
    const text = await readText(project, path);
    const place =
      folders.find((folder) => text?.includes(folder)) ?? /\/(?:home|Users)\/[a-z]\w*\//.exec(text ?? "")?.[0];
    if (place !== undefined) found.push(`${path} names ${place}`);
  }
  return found;
}

/** Lockfiles and package settings that name a registry: they would bind every checkout to one host. */
export async function findRegistryHosts(project: Project): Promise<string[]> {
  const found: string[] = [];
  for (const path of project.files) {
    if (!/(^|\/)(bun\.lock|package-lock\.json|bunfig\.toml|\.npmrc)$/.test(path)) continue;
    const host = /https?:\/\/[^/"'\s]+/.exec((await readText(project, path)) ?? "")?.[0];
    if (host !== undefined) found.push(`${path} names ${host}`);
  }
  return found;
}

async function readText(project: Project, path: string): Promise<string | undefined> {
  const file = Bun.file(join(project.root, path));
  const isBinary = /\.(png|ico|woff2?|wasm|gz|sqlite|db)$/.test(path);
  return isBinary ? undefined : file.text();
}
