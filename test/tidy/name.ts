import { basename, dirname } from "node:path";
import {
  type BindingName,
  isArrayBindingPattern,
  isClassDeclaration,
  isEnumDeclaration,
  isExportAssignment,
  isExportDeclaration,
  isFunctionDeclaration,
  isIdentifier,
  isInterfaceDeclaration,
  isNamedExports,
  isObjectBindingPattern,
  isTypeAliasDeclaration,
  isVariableStatement,
  type Statement,
  SyntaxKind,
} from "typescript/unstable/ast";
import { positionOf, type Project, type Source } from "./project.ts";

const bannedWords = /^(utils?|helpers?|managers?|common|misc|base|impls?)$/;

/** Names of the field that end in a digit without being the second of their kind. */
const fieldNames = /(ipv[46]|uuidv[1-8]|http[23]|oauth2|atan2|log2|md5|s3|ed25519|utf8|k8s?)$/i;

/** File names and exported names that contain a banned word. */
export function findBannedNames(project: Project): string[] {
  const files = project.files
    .filter((path) => /^(src|test|script|ui\/src)\//.test(path) && hasBannedWord(basename(path)))
    .map((path) => `${path} is a banned file name`);
  const names = project.sources.flatMap((source) =>
    exportsOf(source)
      .filter(({ name }) => hasBannedWord(name))
      .map(({ name, statement }) => `${positionOf(source, statement)} exports ${name}`),
  );
  return [...files, ...names];
}

/** Numbered twins, such as `run2` in a folder that also exports `run`. */
export function findNumberedTwins(project: Project): string[] {
  const folders = new Map<string, Map<string, string>>();
  for (const source of project.sources) {
    const names = folders.get(dirname(source.path)) ?? new Map<string, string>();
    folders.set(dirname(source.path), names);
    names.set(basename(source.path).replace(/\..*$/, ""), source.path);
    for (const { name } of exportsOf(source)) names.set(name, source.path);
  }
  return [...folders.values()].flatMap((names) =>
    [...names]
      .filter(([name]) => /\D_?[2-9]$/.test(name) && !fieldNames.test(name) && names.has(name.replace(/_?\d$/, "")))
      .map(([name, path]) => `${path} has the twin ${name}`),
  );
}

/** Exports of `src` and `script` without a doc comment; what a registry lists is described where it is made. */
export function findUndescribedExports(project: Project): string[] {
  return project.sources
    .filter(({ path }) => /^(src|script)\//.test(path) && !path.endsWith("/index.ts") && !path.endsWith(".d.ts"))
    .flatMap((source) =>
      source.tree.statements
        .filter((statement) => isExported(statement) && (statement.jsDoc ?? []).length === 0)
        .filter((statement) => !isOverload(statement, source))
        .map((statement) => positionOf(source, statement)),
    );
}

function hasBannedWord(name: string): boolean {
  const words = name.match(/[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*|\d+/g) ?? [];
  return words.some((word) => bannedWords.test(word.toLowerCase()));
}

interface Exported {
  readonly name: string;
  readonly statement: Statement;
}

function exportsOf(source: Source): Exported[] {
  return source.tree.statements.flatMap((statement) => namesOf(statement).map((name) => ({ name, statement })));
}

function namesOf(statement: Statement): string[] {
  if (isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return clause !== undefined && isNamedExports(clause) ? clause.elements.map(({ name }) => name.text) : [];
  }
  if (!isExported(statement)) return [];
  if (isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => bound(name));
  if (
    isFunctionDeclaration(statement) ||
    isClassDeclaration(statement) ||
    isInterfaceDeclaration(statement) ||
    isTypeAliasDeclaration(statement) ||
    isEnumDeclaration(statement)
  ) {
    return statement.name === undefined ? [] : [statement.name.text];
  }
  return [];
}

function bound(name: BindingName): string[] {
  if (isIdentifier(name)) return [name.text];
  if (!isObjectBindingPattern(name) && !isArrayBindingPattern(name)) return [];
  return name.elements.flatMap((element) => (element.name === undefined ? [] : bound(element.name)));
}

function isExported(statement: Statement): boolean {
  if (isExportAssignment(statement)) return true;
  const modifiers = "modifiers" in statement ? statement.modifiers : undefined;
  if (!Array.isArray(modifiers)) return false;
  return modifiers.some((modifier: { kind?: SyntaxKind }) => modifier.kind === SyntaxKind.ExportKeyword);
}

/** A later signature of a function whose first one carries the comment; likewise a type and its value. */
function isOverload(statement: Statement, source: Source): boolean {
  const names = namesOf(statement);
  const isNamesake = (other: Statement): boolean => namesOf(other).some((name) => names.includes(name));
  return source.tree.statements.some(
    (other) => other.pos < statement.pos && (other.jsDoc ?? []).length > 0 && isNamesake(other),
  );
}
