import { WorkflowError } from "../error/error.ts";
import { quoteText } from "./quote.ts";
import { rootReader } from "./run.ts";
import { brokenTemplate, compileTemplate, type Template, type TemplateOptions } from "./template.ts";
import type { TemplateScope } from "./template_scope.ts";
import { isMap, ownValue, walk } from "./value.ts";

/** A path to a value, compiled once. */
export interface PathExpression {
  readonly text: string;
  /** The names it follows, from the root. */
  readonly path: readonly string[];
  get(scope: TemplateScope): unknown;
}

/**
 * The `field` of a condition, whose text is compared: a path, which may go on with a pipe (`status | lower`). A path
 * with hyphens is followed literally, each name between dots being a key.
 */
export function compileFieldPath(text: string, options: TemplateOptions = {}): Template {
  if (!text.includes("-")) return compileInside({ before: "{{.", text, after: "}}" }, options);
  const keys = text.split(".").map(quoteText).join(" ");
  const compiled = compileTemplate(`{{index . ${keys}}}`);
  return { ...compiled, text, references: compiled.references.map((reference) => ({ ...reference, offset: 0 })) };
}

/** An expression written without its braces: `.body`, `.steps.x.y`, `step "a" "b"`. */
export function compileWrapped(text: string, options: TemplateOptions = {}): Template {
  return compileInside({ before: "{{", text, after: "}}" }, options);
}

interface Inside {
  readonly before: string;
  readonly text: string;
  readonly after: string;
}

function compileInside({ before, text, after }: Inside, options: TemplateOptions): Template {
  const compiled = compileTemplate(before + text + after, options);
  const moved = (offset: unknown): number =>
    Math.min(Math.max(typeof offset === "number" ? offset - before.length : 0, 0), text.length);
  const { problem } = compiled;
  if (problem !== undefined) {
    const details = { ...problem.details, offset: moved(problem.details?.["offset"]) };
    return brokenTemplate(text, new WorkflowError(problem.code, problem.message, { hint: problem.hint, details }));
  }
  const references = compiled.references.map((reference) => ({ ...reference, offset: moved(reference.offset) }));
  return { ...compiled, text, references };
}

/**
 * `steps.<name>.<key>…` reads a step's output, anything else the top-level names. Only maps are walked; what is
 * missing is undefined, without an error.
 */
export function compileBodyPath(text: string): PathExpression {
  const path = text.split(".");
  const [first, ...rest] = path;
  if (first === "steps" && rest.length > 0) return { text, path, get: (scope) => walk(scope.steps, rest) };
  return { text, path, get: (scope) => walk(scope.current, path) };
}

type Root = "steps" | "trigger" | "meta";

/**
 * A path that must exist; empty names are skipped. It starts at the top-level names and at the `roots`, `steps` when
 * none are given. Throws `key "k" not found at path "a.k"` and `cannot traverse into non-map at "a.b"`.
 */
export function compileDottedPath(text: string, options: { readonly roots?: readonly Root[] } = {}): PathExpression {
  const { roots = ["steps"] } = options;
  const path = text.split(".").filter((name) => name !== "");
  const [first, ...rest] = path;
  if (first === undefined) return { text, path, get: (scope) => wholeRoot(scope, roots) };
  const isRoot = roots.some((root) => root === first);
  return {
    text,
    path,
    get(scope) {
      const isThere = isRoot && (first !== "steps" || hasSteps(scope));
      if (!isThere && !Object.hasOwn(scope.current, first)) throw missingKey(first, [first]);
      let value = isThere ? rootReader(first)(scope) : scope.current[first];
      for (const [index, name] of rest.entries()) {
        if (!isMap(value)) throw notAMap(path.slice(0, index + 1));
        if (!Object.hasOwn(value, name)) throw missingKey(name, path.slice(0, index + 2));
        value = value[name];
      }
      return value;
    },
  };
}

/** The top-level names and the roots as one map. */
function wholeRoot(scope: TemplateScope, roots: readonly Root[]): Readonly<Record<string, unknown>> {
  const whole: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(scope.current)) whole[key] = scope.current[key];
  for (const root of roots) if (root !== "steps" || hasSteps(scope)) whole[root] = rootReader(root)(scope);
  return whole;
}

function hasSteps(scope: TemplateScope): boolean {
  for (const name in scope.steps) if (Object.hasOwn(scope.steps, name)) return true;
  return false;
}

function missingKey(key: string, path: readonly string[]): WorkflowError {
  const where = JSON.stringify(path.join("."));
  return new WorkflowError("step.failed", `key ${JSON.stringify(key)} not found at path ${where}`);
}

function notAMap(path: readonly string[]): WorkflowError {
  return new WorkflowError("step.failed", `cannot traverse into non-map at ${JSON.stringify(path.join("."))}`);
}

/**
 * The `source` of a validation: nothing means all top-level values, `steps.<name>.<key>…` a map inside a step's
 * output. Anything else, and what is no map, is undefined.
 */
export function compileSourcePath(text: string): PathExpression {
  const path = text === "" ? [] : text.split(".");
  const [first, ...rest] = path;
  if (first === undefined) return { text, path, get: (scope) => scope.current };
  if (first !== "steps" || rest.length === 0) return { text, path, get: () => undefined };
  return {
    text,
    path,
    get(scope) {
      const value = walk(scope.steps, rest);
      return isMap(value) ? value : undefined;
    },
  };
}

/**
 * The `collection` of a loop: a top-level name exactly as written, else a name of the trigger data, else a path that
 * starts at the top-level names, `steps` or `trigger`.
 */
export function compileCollectionPath(text: string): PathExpression {
  const path = text.split(".");
  const [first = "", ...rest] = path;
  const isRoot = first === "steps" || first === "trigger";
  const head = isRoot ? rootReader(first) : (scope: TemplateScope) => ownValue(scope.current, first);
  return {
    text,
    path,
    get(scope) {
      if (Object.hasOwn(scope.current, text)) return scope.current[text];
      if (Object.hasOwn(scope.trigger, text)) return scope.trigger[text];
      return walk(head(scope), rest);
    },
  };
}

/** A value of `output_mapping`: a name of the called workflow's values exactly as written, else a path into them. */
export function compileOutputPath(text: string): (current: Readonly<Record<string, unknown>>) => unknown {
  const path = text.split(".");
  return (current) => (Object.hasOwn(current, text) ? current[text] : walk(current, path));
}
