import { and, or } from "./builtin/logic.ts";
import { failing, siteOf, type CompileContext, type Expression } from "./compile_context.ts";
import type { CallSite, FunctionParameter, TemplateFunction } from "./define_function.ts";
import { callError, executionError, located, type Site } from "./failure.ts";
import type { TemplateRun } from "./run.ts";
import type { Span } from "./syntax/syntax.ts";
import { callField, isNil, isNumber, isTrue, typeName } from "./value.ts";

/** An argument of a call with its place; `piped` says that it comes from the command before the `|`. */
export interface Argument {
  readonly expression: Expression;
  readonly span: Span;
  readonly piped: boolean;
}

/** Compiles the call of a function. Mistakes in the number of arguments show when the call is reached. */
export function compileCall(
  definition: TemplateFunction,
  args: readonly Argument[],
  span: Span,
  context: CompileContext,
): Expression {
  const site = siteOf(span, context);
  const problem = countProblem(definition, args.length);
  if (problem !== undefined) return failing(site, problem);
  if (definition === and) return compileDeciding(args, (value) => !isTrue(value));
  if (definition === or) return compileDeciding(args, isTrue);
  const { name } = definition;
  const numberKinds = args.map(({ expression }) => expression.numberKind);
  const callSite: CallSite = { clock: context.clock, uuid: context.uuid, numberKinds };
  const evaluateAll = argumentsOf(args, (index) => parameterAt(definition, index), context);
  const evaluate = (run: TemplateRun): unknown => {
    const values = evaluateAll(run);
    let result: unknown;
    try {
      result = definition.call(values, run.scope, callSite);
    } catch (thrown) {
      throw callError(site, name, thrown);
    }
    if (typeof result === "string") run.countText(result, site);
    return result;
  };
  return { evaluate, numberKind: definition.numberKind ?? "float64" };
}

/** Compiles `receiver.name` with arguments, which calls a method of the receiver. */
export function compileMethod(receiver: Expression, name: string, args: readonly Argument[], site: Site): Expression {
  const evaluates = args.map(({ expression }) => expression.evaluate);
  const evaluate = (run: TemplateRun): unknown => {
    const self = receiver.evaluate(run);
    const values = evaluates.map((argument) => argument(run));
    try {
      return callField(self, name, values);
    } catch (thrown) {
      throw located(site, thrown);
    }
  };
  return { evaluate, numberKind: "float64" };
}

/** `and` and `or` stop at the argument that decides. */
function compileDeciding(args: readonly Argument[], decides: (value: unknown) => boolean): Expression {
  const evaluates = args.map(({ expression }) => expression.evaluate);
  const evaluate = (run: TemplateRun): unknown => {
    let value: unknown;
    for (const argument of evaluates) {
      value = argument(run);
      if (decides(value)) break;
    }
    return value;
  };
  const areInts = args.every(({ expression }) => expression.numberKind === "int");
  return { evaluate, numberKind: areInts ? "int" : "float64" };
}

function countProblem({ name, parameters }: TemplateFunction, count: number): string | undefined {
  const least = parameters.filter(({ optional, rest }) => optional !== true && rest !== true).length;
  const hasRest = parameters.at(-1)?.rest === true;
  if (count >= least && (hasRest || count <= parameters.length)) return undefined;
  const bound = hasRest || least < parameters.length ? `at least ${least}` : String(least);
  return `wrong number of args for ${name}: want ${bound} got ${count}`;
}

function parameterAt({ parameters }: TemplateFunction, index: number): FunctionParameter | undefined {
  return parameters[Math.min(index, parameters.length - 1)];
}

/** Evaluates the arguments and checks those whose parameter has a type. */
function argumentsOf(
  args: readonly Argument[],
  parameter: (index: number) => FunctionParameter | undefined,
  context: CompileContext,
): (run: TemplateRun) => unknown[] {
  const evaluates = args.map((argument, index) => {
    const type = parameter(index)?.type ?? "any";
    return type === "any" ? argument.expression.evaluate : checked(argument, type, siteOf(argument.span, context));
  });
  const [first, second] = evaluates;
  if (first === undefined) return () => [];
  if (evaluates.length === 1) return (run) => [first(run)];
  if (second !== undefined && evaluates.length === 2) return (run) => [first(run), second(run)];
  return (run) => evaluates.map((evaluate) => evaluate(run));
}

function checked(
  { expression, piped }: Argument,
  type: "string" | "number",
  site: Site,
): (run: TemplateRun) => unknown {
  const expected = type === "string" ? "string" : "float64";
  return (run) => {
    const value = expression.evaluate(run);
    if (type === "string" ? typeof value === "string" : isNumber(value)) return value;
    if (piped && isNil(value)) throw executionError(site, `invalid value; expected ${expected}`);
    const found = typeName(value, expression.numberKind);
    throw executionError(site, `wrong type for value; expected ${expected}; found ${found}`);
  };
}
