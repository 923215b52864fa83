import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { Node, SourceFile } from "typescript/unstable/ast";
import { API, type Checker } from "typescript/unstable/async";

/** One parsed file. Its path is relative to the project's root. */
export interface Source {
  readonly path: string;
  readonly tree: SourceFile;
  readonly checker: Checker;
}

/** Everything the rules look at. */
export interface Project {
  /** The root folder, absolute. */
  readonly root: string;
  readonly sources: readonly Source[];
  /** Paths of all files that are not ignored by git, in order. */
  readonly files: readonly string[];
}

/** Parses the project in `folder` with the compiler's own parser, lets `inspect` look at it, and lets go of it. */
export async function withProject<T>(folder: string, inspect: (project: Project) => T | Promise<T>): Promise<T> {
  const api = new API({ cwd: folder });
  try {
    const configs = ["tsconfig.json", "ui/tsconfig.json"].map((path) => join(folder, path)).filter(existsSync);
    const snapshot = await api.updateSnapshot({ openProjects: configs });
    const sources = new Map<string, Source>();
    for (const { rootFiles, program, checker } of snapshot.getProjects()) {
      await Promise.all(
        rootFiles.map(async (file) => {
          const path = relative(folder, file);
          const tree = await program.getSourceFile(file);
          if (tree !== undefined && !path.startsWith("..")) sources.set(path, { path, tree, checker });
        }),
      );
    }
    const ordered = [...sources.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return await inspect({ root: folder, sources: ordered, files: listFiles(folder, "").toSorted() });
  } finally {
    await api.close();
  }
}

/** Visits a node and all below it, parents first. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** Where a node begins, as `path:line`. */
export function positionOf(source: Source, node: Node): string {
  return position(source, node.getStart(source.tree));
}

/** A place in a file, as `path:line`. */
export function position(source: Source, offset: number): string {
  return `${source.path}:${lineOf(source, offset)}`;
}

/** The line of an offset, counted from 1. */
export function lineOf(source: Source, offset: number): number {
  return source.tree.getLineAndCharacterOfPosition(offset).line + 1;
}

const ignoredNames = new Set([".git", "node_modules", "dist", "data", "coverage"]);

function listFiles(root: string, folder: string): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !ignoredNames.has(entry.name)) files.push(...listFiles(root, path));
    if (entry.isFile() && !entry.name.endsWith(".log")) files.push(path);
  }
  return files;
}
