import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * A hash of everything a build depends on: the names and contents of files and folders below `folder`, and plain
 * facts such as a version. Modification times do not count, nor do folders named `node_modules` or `dist` inside;
 * a path that does not exist counts as absent.
 */
export async function fingerprint(folder: string, paths: readonly string[], facts: readonly string[]): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  hasher.update(JSON.stringify(facts));
  for (const path of listFiles(folder, paths)) {
    const bytes = await Bun.file(join(folder, path)).bytes();
    // The length separates a file's content from the next name.
    hasher.update(`\n${path}\n${bytes.length}\n`);
    hasher.update(bytes);
  }
  return hasher.digest("hex");
}

function listFiles(folder: string, paths: readonly string[]): string[] {
  const files: string[] = [];
  for (const path of paths) {
    const stats = statSync(join(folder, path), { throwIfNoEntry: false });
    if (stats === undefined) continue;
    if (!stats.isDirectory()) files.push(path);
    else
      files.push(
        ...listFiles(
          folder,
          childrenOf(join(folder, path)).map((name) => `${path}/${name}`),
        ),
      );
  }
  return files.toSorted();
}

function childrenOf(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== "node_modules" && name !== "dist");
}
