import { existsSync } from "node:fs";
import { join } from "node:path";

/** A file that is made from other files of the repository and committed with them. */
export interface Generator {
  /** Where the file goes, relative to the repository's root. */
  readonly path: string;
  /** Makes the whole text of the file; the same inputs make the same text on every machine. */
  make(): Promise<string>;
}

/** Generators whose file, under `folder`, is missing or differs from what they make now. */
export async function findStale(folder: string, generators: readonly Generator[]): Promise<string[]> {
  const stale: string[] = [];
  for (const generator of generators) {
    const path = join(folder, generator.path);
    const isCurrent = existsSync(path) && (await Bun.file(path).text()) === (await generator.make());
    if (!isCurrent) stale.push(generator.path);
  }
  return stale;
}

/** Writes the stale files under `folder` and names them. */
export async function writeStale(folder: string, generators: readonly Generator[]): Promise<string[]> {
  const stale = await findStale(folder, generators);
  for (const generator of generators) {
    if (stale.includes(generator.path)) await Bun.write(join(folder, generator.path), await generator.make());
  }
  return stale;
}
