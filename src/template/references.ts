import { index } from "./builtin/collection.ts";
import { and, or } from "./builtin/logic.ts";
import defaultValue from "./function/default.ts";
import step from "./function/step.ts";
import trigger from "./function/trigger.ts";
import type { Body, Command, Operand, Pipeline, Statement, Syntax } from "./syntax/syntax.ts";

/** A chain of names from the root that a template reads, known without running it. */
export interface FieldReference {
  /** `.steps.a.b` and `step "a" "b"` are both `["steps", "a", "b"]`; a key that is computed ends the path. */
  readonly path: readonly string[];
  /** Characters into the text where the chain starts. */
  readonly offset: number;
  /** Whether the template copes when nothing is there: operand of `if`, `with`, `default`, `and` or `or`. */
  readonly guarded: boolean;
}

/** What is known while walking: the path of `.` where it is known, and whether absence is tolerated. */
interface View {
  readonly dot: readonly string[] | undefined;
  readonly dollar: readonly string[] | undefined;
  readonly guarded: boolean;
}

/** A path, and whether it is all that the operand reads. */
interface Path {
  readonly names: readonly string[];
  readonly isWhole: boolean;
}

/** Collects what a template reads, in the order of its text. */
export function referencesOf({ main, definitions }: Syntax): FieldReference[] {
  const found: FieldReference[] = [];
  bodyReferences(main.body, { dot: [], dollar: [], guarded: false }, found);
  for (const { body } of definitions.values()) {
    // What a define block is called with is not followed.
    bodyReferences(body, { dot: undefined, dollar: undefined, guarded: false }, found);
  }
  return found.sort((a, b) => a.offset - b.offset);
}

function bodyReferences(body: Body, view: View, found: FieldReference[]): void {
  for (const statement of body) statementReferences(statement, view, found);
}

function statementReferences(statement: Statement, view: View, found: FieldReference[]): void {
  switch (statement.kind) {
    case "text":
    case "break":
    case "continue":
      return;
    case "action":
      return pipelineReferences(statement.pipeline, view, found);
    case "template":
      if (statement.argument !== undefined) pipelineReferences(statement.argument, view, found);
      return;
    case "if":
    case "with":
    case "range": {
      pipelineReferences(statement.pipeline, statement.kind === "range" ? view : { ...view, guarded: true }, found);
      bodyReferences(statement.body, { ...view, dot: dotInside(statement, view) }, found);
      return bodyReferences(statement.otherwise, view, found);
    }
  }
}

/** What `.` is inside a block: the elements of a `range` are not known. */
function dotInside(
  { kind, pipeline }: Extract<Statement, { kind: "if" | "with" | "range" }>,
  view: View,
): readonly string[] | undefined {
  switch (kind) {
    case "if":
      return view.dot;
    case "with":
      return wholePath(pipeline, view);
    case "range":
      return undefined;
  }
}

function wholePath(pipeline: Pipeline, view: View): readonly string[] | undefined {
  const [command, ...more] = pipeline.commands;
  const path = command === undefined || more.length > 0 ? undefined : commandPath(command, view);
  return path?.isWhole === true ? path.names : undefined;
}

function pipelineReferences(pipeline: Pipeline, view: View, found: FieldReference[]): void {
  for (const [stage, command] of pipeline.commands.entries()) {
    const next = pipeline.commands[stage + 1]?.operands[0];
    const guarded = view.guarded || (next !== undefined && toleratesAbsence(next));
    commandReferences(command, { ...view, guarded }, found);
  }
}

function commandReferences(command: Command, view: View, found: FieldReference[]): void {
  const path = commandPath(command, view);
  const [first, ...args] = command.operands;
  if (first === undefined) return;
  if (path !== undefined) {
    if (path.names.length > 0) found.push({ path: path.names, offset: command.offset, guarded: view.guarded });
    // Keys that are computed read something themselves.
    for (const argument of first.kind === "function" ? args.slice(first.definition === index ? 1 : 0) : args) {
      operandReferences(argument, { ...view, guarded: false }, found);
    }
    return;
  }
  const guarded = first.kind === "function" && (toleratesAbsence(first) || view.guarded);
  // With arguments the last name is a method, which is not part of the data.
  const named = args.length > 0 && "path" in first ? { ...first, path: first.path.slice(0, -1) } : first;
  for (const operand of [named, ...args]) operandReferences(operand, { ...view, guarded }, found);
}

function toleratesAbsence(operand: Operand): boolean {
  return operand.kind === "function" && [and, or, defaultValue].includes(operand.definition);
}

function operandReferences(operand: Operand, view: View, found: FieldReference[]): void {
  const path = operandPath(operand, view);
  if (path !== undefined && operand.kind !== "chain" && operand.kind !== "pipeline") {
    if (path.names.length > 0) found.push({ path: path.names, offset: operand.offset, guarded: view.guarded });
  } else if (operand.kind === "chain") {
    chainReferences(operand, path, view, found);
  } else if (operand.kind === "pipeline") {
    pipelineReferences(operand.pipeline, view, found);
  }
}

/** `(index .steps "a").b` is one reference; in `(f .x).b` only what is inside the parentheses is known. */
function chainReferences(
  operand: Extract<Operand, { kind: "chain" }>,
  path: Path | undefined,
  view: View,
  found: FieldReference[],
): void {
  const inner: FieldReference[] = [];
  operandReferences(operand.operand, view, inner);
  const [first, ...more] = inner;
  if (first !== undefined && path?.isWhole === true) found.push({ ...first, path: path.names }, ...more);
  else found.push(...inner);
}

/** The path that a command reads when it is nothing but a chain, an `index`, a `step` or a `trigger` call. */
function commandPath({ operands }: Command, view: View): Path | undefined {
  const [first, ...args] = operands;
  if (first === undefined) return undefined;
  if (first.kind === "chain" || (first.kind !== "function" && args.length > 0)) return undefined;
  if (first.kind !== "function") return operandPath(first, view);
  if (first.definition === step) return args[0]?.kind === "literal" ? extended(["steps"], args) : undefined;
  if (first.definition === trigger) return extended(["trigger"], args);
  const [item, ...keys] = args;
  if (first.definition !== index || item === undefined) return undefined;
  const base = operandPath(item, view);
  return base?.isWhole === true ? extended(base.names, keys) : undefined;
}

function operandPath(operand: Operand, view: View): Path | undefined {
  switch (operand.kind) {
    case "dot":
      return view.dot && { names: view.dot, isWhole: true };
    case "field":
      return view.dot && { names: [...view.dot, ...operand.path], isWhole: true };
    case "index":
      return view.dot && { names: [...view.dot, ...operand.base, ...operand.keys], isWhole: true };
    case "step":
      return { names: ["steps", ...operand.path], isWhole: true };
    case "variable": {
      const isDollar = operand.slot < 0 && view.dollar !== undefined;
      return isDollar ? { names: [...view.dollar, ...operand.path], isWhole: true } : undefined;
    }
    case "chain": {
      const inner = operandPath(operand.operand, view);
      return inner?.isWhole === true ? { names: [...inner.names, ...operand.path], isWhole: true } : undefined;
    }
    case "pipeline": {
      const [command, ...more] = operand.pipeline.commands;
      return command === undefined || more.length > 0 ? undefined : commandPath(command, view);
    }
    default:
      return undefined;
  }
}

function extended(base: readonly string[], keys: readonly Operand[]): Path {
  const names = [...base];
  for (const key of keys) {
    if (key.kind !== "literal" || typeof key.value !== "string") return { names, isWhole: false };
    names.push(key.value);
  }
  return { names, isWhole: true };
}
