import { indexed } from "./builtin/collection.ts";
import { callError, located, type Site } from "./failure.ts";
import { reading, siteOf, type CompileContext, type Expression } from "./compile_context.ts";
import { rootReader, type TemplateRun } from "./run.ts";
import type { Operand } from "./syntax/syntax.ts";
import type { TemplateScope } from "./template_scope.ts";
import { fieldOf, isNil } from "./value.ts";

/** Operands that need no other part of the compiler: all but functions and parentheses. */
export type PlainOperand = Exclude<Operand, { kind: "function" | "pipeline" | "chain" }>;

/** Compiles an operand that is a name or literal. */
export function compilePlainOperand(operand: PlainOperand, context: CompileContext): Expression {
  const site = siteOf(operand, context);
  switch (operand.kind) {
    case "nil":
      return { evaluate: () => undefined, numberKind: "float64" };
    case "literal": {
      const { value, numberKind } = operand;
      return { evaluate: () => value, numberKind };
    }
    case "dot":
      return { evaluate: dotOf(context), numberKind: "float64" };
    case "field":
      return compileFields(operand.path, site, context);
    case "variable":
      return compileVariable(operand, site, context);
    case "step": {
      const [step = "", ...path] = operand.path;
      return reading(chainFrom((scope) => fieldOf(scope.steps, step, scope), path, site));
    }
    case "index":
      return compileKeys(operand.base, operand.keys, site, context);
  }
}

/** Reads `.` where it is used whole. */
function dotOf(context: CompileContext): (run: TemplateRun) => unknown {
  return context.dotIsRoot ? (run) => run.root : (run) => run.dot;
}

/** `.a.b.c` */
export function compileFields(path: readonly string[], site: Site, context: CompileContext): Expression {
  const [first = "", ...rest] = path;
  if (context.dotIsRoot) return reading(chainFrom(rootReader(first), rest, site));
  return { evaluate: fieldsFrom((run) => run.dot, path, site), numberKind: "float64" };
}

function compileVariable(
  operand: Extract<Operand, { kind: "variable" }>,
  site: Site,
  context: CompileContext,
): Expression {
  const { slot, path } = operand;
  const [first, ...rest] = path;
  if (slot >= 0) {
    const numberKind = first === undefined ? (context.variableKinds[slot] ?? "float64") : "float64";
    return { evaluate: fieldsFrom((run) => run.slots[slot], path, site), numberKind };
  }
  if (!context.dollarIsRoot) return { evaluate: fieldsFrom((run) => run.dollar, path, site), numberKind: "float64" };
  if (first !== undefined) return reading(chainFrom(rootReader(first), rest, site));
  return { evaluate: (run) => run.root, numberKind: "float64" };
}

/** Follows fields from a value of the run. */
export function fieldsFrom(
  head: (run: TemplateRun) => unknown,
  path: readonly string[],
  site: Site,
): (run: TemplateRun) => unknown {
  if (path.length === 0) return head;
  return (run) => {
    const value = head(run);
    return follow(value, path, run.scope, site);
  };
}

/** Follows fields from a value of the scope. */
function chainFrom(
  head: (scope: TemplateScope) => unknown,
  path: readonly string[],
  site: Site,
): (scope: TemplateScope) => unknown {
  if (path.length === 0) return head;
  return (scope) => follow(head(scope), path, scope, site);
}

function follow(start: unknown, path: readonly string[], scope: TemplateScope, site: Site): unknown {
  let value = start;
  try {
    for (const name of path) value = fieldOf(value, name, scope);
  } catch (thrown) {
    throw located(site, thrown);
  }
  return value;
}

/** `.a.b-c.d`, which is `index .a "b-c" "d"`. */
export function compileKeys(
  base: readonly string[],
  keys: readonly string[],
  site: Site,
  context: CompileContext,
): Expression {
  const [first = "", ...rest] = keys;
  if (base.length === 0 && context.dotIsRoot) return reading(keysFrom(rootReader(first), rest, site));
  if (base.length === 0) {
    return { evaluate: (run) => followKeys(run.dot, keys, run.scope, site), numberKind: "float64" };
  }
  const head = compileFields(base, site, context);
  if (head.read !== undefined) return reading(keysFrom(head.read, keys, site));
  return { evaluate: (run) => followKeys(head.evaluate(run), keys, run.scope, site), numberKind: "float64" };
}

/** Follows keys from a value of the scope. */
export function keysFrom(
  head: (scope: TemplateScope) => unknown,
  keys: readonly string[],
  site: Site,
): (scope: TemplateScope) => unknown {
  if (keys.length === 0) return head;
  return (scope) => followKeys(head(scope), keys, scope, site);
}

function followKeys(start: unknown, keys: readonly string[], scope: TemplateScope, site: Site): unknown {
  let value = start;
  try {
    for (const key of keys) value = indexed(value, key, scope);
  } catch (thrown) {
    throw callError(site, "index", thrown);
  }
  return isNil(value) ? undefined : value;
}
