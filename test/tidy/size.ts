import { dirname } from "node:path";
import {
  isArrowFunction,
  isCallExpression,
  isConstructorDeclaration,
  isFunctionDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isMethodDeclaration,
  isSetAccessorDeclaration,
  type Node,
} from "typescript/unstable/ast";
import { lineOf, positionOf, type Project, walk } from "./project.ts";

/** Most lines of a file. */
const fileLinesMax = 400;

/** Most lines of a function, comments before it not counted. */
const functionLinesMax = 70;

/** Most columns of a line. */
const lineColumnsMax = 120;

/** Most files directly in one folder of code. */
const folderFilesMax = 30;

/** Files that are too long, with their length. */
export function findLongFiles(project: Project): string[] {
  return project.sources.flatMap(({ path, tree }) => {
    const lines = tree.text.trimEnd().split("\n").length;
    return lines > fileLinesMax ? [`${path} has ${lines} lines`] : [];
  });
}

/** Lines that are too wide, with their width. */
export function findWideLines(project: Project): string[] {
  return project.sources.flatMap(({ path, tree }) =>
    tree.text.split("\n").flatMap((line, index) => {
      const columns = [...line].length;
      return columns > lineColumnsMax ? [`${path}:${index + 1} has ${columns} columns`] : [];
    }),
  );
}

/** Functions that are too long, with their length; a `describe` block is a list of tests and no function. */
export function findLongFunctions(project: Project): string[] {
  return project.sources.flatMap((source) => {
    const found: string[] = [];
    walk(source.tree, (node) => {
      if (!isFunction(node) || isDescribeBlock(node)) return;
      const lines = lineOf(source, node.getEnd()) - lineOf(source, node.getStart(source.tree)) + 1;
      if (lines > functionLinesMax) found.push(`${positionOf(source, node)} has ${lines} lines`);
    });
    return found;
  });
}

/** Folders of code with too many files, with their number. */
export function findCrowdedFolders(project: Project): string[] {
  const counts = new Map<string, number>();
  for (const path of project.files) {
    if (!/^(src|test|script|ui\/src)\//.test(path)) continue;
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > folderFilesMax)
    .map(([folder, count]) => `${folder} has ${count} files`);
}

function isFunction(node: Node): boolean {
  return (
    isFunctionDeclaration(node) ||
    isFunctionExpression(node) ||
    isArrowFunction(node) ||
    isMethodDeclaration(node) ||
    isConstructorDeclaration(node) ||
    isGetAccessorDeclaration(node) ||
    isSetAccessorDeclaration(node)
  );
}

function isDescribeBlock(node: Node): boolean {
  return isCallExpression(node.parent) && node.parent.expression.getText().startsWith("describe");
}
