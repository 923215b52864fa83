import {
  isArrowFunction,
  isAsExpression,
  isBlock,
  isCallExpression,
  isCatchClause,
  isExpressionStatement,
  isIdentifier,
  isJsxText,
  isNonNullExpression,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isRegularExpressionLiteral,
  isStringLiteral,
  isTemplateHead,
  isTemplateMiddle,
  isTemplateTail,
  isTypeQueryNode,
  type Node,
  SyntaxKind,
} from "typescript/unstable/ast";
import { lineOf, position, positionOf, type Project, type Source, walk } from "./project.ts";

/** Where timers may be started bare: they are what everything else waits with. */
const timerFolders = ["src/scope/", "src/time/", "ui/"];

/** The layers that turn what a user wrote into typed values. */
const decodeFolders = ["src/schema/", "src/define/", "src/config/", "src/plan/"];

/** Uses of `any`. */
export function findAny(project: Project): string[] {
  return findNodes(project.sources, (node) => node.kind === SyntaxKind.AnyKeyword);
}

/** `catch` blocks and `.catch` callbacks that do nothing. */
export function findEmptyCatches(project: Project): string[] {
  return findNodes(project.sources, (node) => {
    if (isCatchClause(node)) return node.block.statements.length === 0;
    if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return false;
    const [handler] = node.arguments;
    return (
      node.expression.name.text === "catch" &&
      handler !== undefined &&
      isArrowFunction(handler) &&
      isBlock(handler.body) &&
      handler.body.statements.length === 0
    );
  });
}

/** `value!`, and `value as T` outside the decode layers or without its reason in a comment beside it; in `src` only. */
export function findAssertions(project: Project): string[] {
  const sources = project.sources.filter(({ path }) => path.startsWith("src/"));
  return findNodes(sources, (node, source) => {
    if (isNonNullExpression(node)) return true;
    if (!isAsExpression(node) || isAsExpression(node.parent)) return false;
    if (node.type.getText(source.tree) === "const") return false;
    if (!decodeFolders.some((folder) => source.path.startsWith(folder))) return true;
    return !hasCommentBeside(source, node);
  });
}

/** Timers that no scope ends: the global `setTimeout` and `setInterval`, and `Bun.sleep` in tests. */
export function findBareTimers(project: Project): string[] {
  const sources = project.sources.filter(({ path }) => !timerFolders.some((folder) => path.startsWith(folder)));
  return findNodes(sources, (node, source) => {
    if (isStringLiteral(node)) return /^(node:)?timers(\/promises)?$/.test(node.text);
    if (isPropertyAccessExpression(node)) {
      return /^(globalThis\.(setTimeout|setInterval)|Bun\.sleep(Sync)?)$/.test(node.getText(source.tree));
    }
    const isGlobal = isIdentifier(node) && !isMemberName(node) && /^(setTimeout|setInterval)$/.test(node.text);
    return isGlobal && !isTypeQueryNode(node.parent);
  });
}

/** Whether an identifier names a member of something else: `clock.setTimeout`, `{ setTimeout() {} }`. */
function isMemberName(node: Node): boolean {
  return "name" in node.parent && node.parent.name === node;
}

/** Replacements of whole modules in tests. */
export function findModuleMocks(project: Project): string[] {
  return findNodes(project.sources, (node, source) => {
    if (!isCallExpression(node)) return false;
    return /^(mock\.module|(vi|jest)\.(do)?mock)$/i.test(node.expression.getText(source.tree));
  });
}

/** Comments that switch the compiler off, and notes about work to do without the number of an issue. */
export function findBadComments(project: Project): string[] {
  return project.sources.flatMap((source) => {
    const literals = literalRanges(source);
    const pattern = /@ts-(?:ignore|nocheck)|\b(?:TODO|FIXME|XXX|HACK)\b(?!\s*\(#\d+\))/g;
    return [...source.tree.text.matchAll(pattern)]
      .filter(({ index }) => !literals.some(([from, to]) => index >= from && index < to))
      .map((match) => `${position(source, match.index)} ${match[0]}`);
  });
}

/** Calls whose promise nobody waits for, returns, keeps or marks with `void`. A `.catch` handler counts as waiting. */
export async function findFloatingPromises(project: Project): Promise<string[]> {
  const found: string[] = [];
  for (const source of project.sources) {
    const calls: Node[] = [];
    walk(source.tree, (node) => {
      if (isExpressionStatement(node) && isCallExpression(node.expression) && !isHandled(node.expression)) {
        calls.push(node.expression);
      }
    });
    if (calls.length === 0) continue;
    const types = await source.checker.getTypeAtLocation(calls);
    for (const [index, type] of types.entries()) {
      const call = calls[index];
      if (type === undefined || call === undefined) continue;
      const text = await source.checker.typeToString(type);
      if (/(^|\| )Promise(Like)?</.test(text)) found.push(positionOf(source, call));
    }
  }
  return found;
}

function isHandled(call: Node): boolean {
  return isCallExpression(call) && isPropertyAccessExpression(call.expression) && call.expression.name.text === "catch";
}

function findNodes(sources: readonly Source[], isFault: (node: Node, source: Source) => boolean): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    walk(source.tree, (node) => {
      if (isFault(node, source))
        found.push(`${positionOf(source, node)} ${node.getText(source.tree).split("\n")[0] ?? ""}`);
    });
    return found;
  });
}

/** A comment on the node's own line or on the line before it. */
function hasCommentBeside(source: Source, node: Node): boolean {
  const line = lineOf(source, node.getStart(source.tree));
  return source.tree.text
    .split("\n")
    .slice(Math.max(0, line - 2), line)
    .some((text) => /\/\/|\*\//.test(text));
}

function literalRanges(source: Source): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  walk(source.tree, (node) => {
    if (
      isStringLiteral(node) ||
      isNoSubstitutionTemplateLiteral(node) ||
      isTemplateHead(node) ||
      isTemplateMiddle(node) ||
      isTemplateTail(node) ||
      isRegularExpressionLiteral(node) ||
      isJsxText(node)
    ) {
      ranges.push([node.getStart(source.tree), node.getEnd()]);
    }
  });
  return ranges;
}
