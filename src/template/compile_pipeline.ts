import { index } from "./builtin/collection.ts";
import { compileCall, compileMethod, type Argument } from "./compile_call.ts";
import { failing, reading, siteOf, type CompileContext, type Expression } from "./compile_context.ts";
import { compileFields, compilePlainOperand, fieldsFrom, keysFrom } from "./compile_operand.ts";
import { rootReader } from "./run.ts";
import type { Command, Operand, Pipeline, VariableTarget } from "./syntax/syntax.ts";

/** Compiles a pipeline, with the assignment of its variables. */
export function compilePipeline(pipeline: Pipeline, context: CompileContext): Expression {
  const value = compileValue(pipeline, context);
  return pipeline.targets.reduce((inner, target) => compileAssignment(inner, target, context), value);
}

/** Compiles the commands of a pipeline; `range` assigns its variables itself. */
export function compileValue(pipeline: Pipeline, context: CompileContext): Expression {
  let piped: Argument | undefined;
  for (const command of pipeline.commands) {
    const expression = compileCommand(command, piped, context);
    piped = { expression, span: command, piped: true };
  }
  return piped?.expression ?? failing(siteOf(pipeline, context), "missing value");
}

function compileAssignment(inner: Expression, { slot }: VariableTarget, context: CompileContext): Expression {
  const { evaluate, numberKind } = inner;
  context.variableKinds[slot] = numberKind;
  return { evaluate: (run) => (run.slots[slot] = evaluate(run)), numberKind };
}

function compileCommand(command: Command, piped: Argument | undefined, context: CompileContext): Expression {
  const [first, ...rest] = command.operands;
  const site = siteOf(command, context);
  if (first === undefined) return failing(site, "missing value");
  if (first.kind === "function") {
    const args = argumentsOf(rest, piped, context);
    return compileRootIndex(first, rest, piped, context) ?? compileCall(first.definition, args, command, context);
  }
  if (rest.length === 0 && piped === undefined) {
    return first.kind === "nil" ? failing(site, "nil is not a command") : compileOperand(first, context);
  }
  return (
    compileArguments(first, argumentsOf(rest, piped, context), context) ??
    failing(site, `can't give argument to non-function ${context.text.slice(first.offset, first.end)}`)
  );
}

function argumentsOf(operands: readonly Operand[], piped: Argument | undefined, context: CompileContext): Argument[] {
  const written = operands.map((span) => ({ expression: compileOperand(span, context), span, piped: false }));
  return piped === undefined ? written : [...written, piped];
}

/** A chain whose last field gets arguments: that field is a method of the value before it. */
function compileArguments(first: Operand, args: readonly Argument[], context: CompileContext): Expression | undefined {
  if (first.kind !== "field" && first.kind !== "variable" && first.kind !== "chain") return undefined;
  const site = siteOf(first, context);
  const name = first.path.at(-1);
  if (name === undefined) return undefined;
  const path = first.path.slice(0, -1);
  if (first.kind === "field") {
    const { offset, end } = first;
    const isDot = path.length === 0;
    const receiver = isDot ? compileOperand({ kind: "dot", offset, end }, context) : compileFields(path, site, context);
    return compileMethod(receiver, name, args, site);
  }
  return compileMethod(compileOperand({ ...first, path }, context), name, args, site);
}

function compileOperand(operand: Operand, context: CompileContext): Expression {
  switch (operand.kind) {
    case "function":
      return compileCall(operand.definition, [], operand, context);
    case "pipeline":
      return compilePipeline(operand.pipeline, context);
    case "chain": {
      const head = compileOperand(operand.operand, context);
      return { evaluate: fieldsFrom(head.evaluate, operand.path, siteOf(operand, context)), numberKind: "float64" };
    }
    default:
      return compilePlainOperand(operand, context);
  }
}

/** `index . "a" "b"` at the root reads the names directly; otherwise the whole root would be built for it. */
function compileRootIndex(
  first: Extract<Operand, { kind: "function" }>,
  rest: readonly Operand[],
  piped: Argument | undefined,
  context: CompileContext,
): Expression | undefined {
  const [item, ...keys] = rest;
  if (first.definition !== index || item === undefined || piped !== undefined) return undefined;
  const isRoot =
    item.kind === "dot"
      ? context.dotIsRoot
      : item.kind === "variable" && item.slot < 0 && item.path.length === 0 && context.dollarIsRoot;
  const names = keys.map((key) => (key.kind === "literal" && typeof key.value === "string" ? key.value : undefined));
  const known = names.filter((name) => name !== undefined);
  const [name, ...more] = known;
  if (!isRoot || name === undefined || known.length < keys.length) return undefined;
  const span = { offset: first.offset, end: keys.at(-1)?.end ?? item.end };
  return reading(keysFrom(rootReader(name), more, siteOf(span, context)));
}
