import { dirname, join } from "node:path";
import {
  isCallExpression,
  isExportDeclaration,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNewExpression,
  isStringLiteral,
  type Node,
  SyntaxKind,
} from "typescript/unstable/ast";
import { lineOf, type Project, type Source, walk } from "./project.ts";

/** One reference from a file to another module. */
export interface Import {
  /** The name as written. */
  readonly name: string;
  /** The file it means, relative to the root; undefined for a package. */
  readonly target: string | undefined;
  readonly line: number;
  /** Whether it vanishes when types are erased. */
  readonly isType: boolean;
}

/** Imports, re-exports, dynamic imports, type imports and `new URL("./file", import.meta.url)` of a file. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  const add = (literal: Node | undefined, isType: boolean): void => {
    if (literal === undefined || !isStringLiteral(literal)) return;
    const name = literal.text;
    const target = name.startsWith(".") ? join(dirname(source.path), name) : undefined;
    found.push({ name, target, isType, line: lineOf(source, literal.getStart(source.tree)) });
  };
  walk(source.tree, (node) => {
    if (isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === SyntaxKind.TypeKeyword);
    } else if (isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    } else if (isImportTypeNode(node) && isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    } else if (isNewExpression(node) && /^(URL|Worker)$/.test(node.expression.getText(source.tree))) {
      const [address] = node.arguments ?? [];
      if (address !== undefined && isStringLiteral(address) && address.text.startsWith(".")) add(address, false);
    }
  });
  return found;
}

/** Relative imports without a file extension. */
export function findBareImports(project: Project): string[] {
  return project.sources.flatMap((source) =>
    importsOf(source)
      .filter(({ target }) => target !== undefined && !/\.[a-z]+$/.test(target))
      .map(({ name, line }) => `${source.path}:${line} ${name}`),
  );
}

/** Re-exports of our own files outside the registries. */
export function findBarrels(project: Project): string[] {
  return project.sources.flatMap((source) => {
    const barrels: string[] = [];
    for (const statement of source.tree.statements) {
      if (!isExportDeclaration(statement) || statement.moduleSpecifier === undefined) continue;
      const text = statement.moduleSpecifier.getText(source.tree);
      if (text.startsWith('".') && !isRegistry(source.path)) {
        barrels.push(`${source.path}:${lineOf(source, statement.getStart(source.tree))} ${text}`);
      }
    }
    return barrels;
  });
}

/** Files named `index.ts` that are not a registry. */
export function findStrayIndexes(project: Project): string[] {
  return project.sources.map(({ path }) => path).filter((path) => /(^|\/)index\.tsx?$/.test(path) && !isRegistry(path));
}

/** Groups of files in `src` that load each other in a circle; imports of types alone vanish and load nothing. */
export function findCycles(project: Project): string[] {
  const graph = importGraph(project, ({ isType }) => !isType);
  const reach = new Map([...graph.keys()].map((path) => [path, reachableFrom(graph, graph.get(path) ?? [])]));
  const cycles = new Set<string>();
  for (const [path, reached] of reach) {
    if (!reached.has(path)) continue;
    const members = [...reached].filter((other) => reach.get(other)?.has(path) === true);
    cycles.add(members.toSorted().join(" <-> "));
  }
  return [...cycles];
}

/** Files in `src` that the program does not reach from `src/main.ts`. */
export function findDeadFiles(project: Project): string[] {
  const reached = reachableFrom(
    importGraph(project, () => true),
    ["src/main.ts"],
  );
  return project.files.filter((path) => path.startsWith("src/") && !path.endsWith(".d.ts") && !reached.has(path));
}

function isRegistry(path: string): boolean {
  return /^src\/(plugin\/([^/]+\/)?|template\/function\/)index\.ts$/.test(path);
}

function importGraph(project: Project, counts: (entry: Import) => boolean): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const source of project.sources) {
    if (!source.path.startsWith("src/")) continue;
    const entries = importsOf(source).filter(counts);
    graph.set(
      source.path,
      entries.flatMap(({ target }) => target ?? []),
    );
  }
  return graph;
}

function reachableFrom(graph: ReadonlyMap<string, readonly string[]>, start: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const queue = [...start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    queue.push(...(graph.get(path) ?? []));
  }
  return reached;
}
