import { fieldOf } from "./access.ts";
import { negate } from "./arithmetic.ts";
import { assign } from "./assign.ts";
import { descend } from "./builtin/loop.ts";
import { items } from "./builtin/path.ts";
import { compileBind, compileForeach, compileReduce } from "./binding.ts";
import { compileBreak, compileCall, compileDefinition, compileLabel } from "./call.ts";
import { alternative, comma, logic, optional, pipe, whether } from "./control.ts";
import { JqSyntaxError } from "./failure.ts";
import { collect, type Filter, single } from "./filter.ts";
import { formatNamed } from "./format.ts";
import { compileObject, compileText } from "./make.ts";
import { binary, type BinaryOperation, operation } from "./operator.ts";
import { placeAt } from "./place.ts";
import { outward } from "./run.ts";
import type { Compile, Scope } from "./scope.ts";
import type { Syntax } from "./syntax.ts";
import type { Json, JsonMap } from "./value.ts";

const identity = single(
  (_env, input) => input,
  (_env, at, emit) => emit(at),
);

/** Compiles a filter to closures. Throws `JqSyntaxError` for names that are not defined. */
export const compile: Compile = (syntax, scope) => {
  switch (syntax.kind) {
    case "identity":
      return identity;
    case "descend":
      return descend;
    case "literal":
      return literal(syntax.value);
    case "text":
      return compileText(syntax.format, syntax.parts, scope, compile);
    case "format": {
      const format = formatNamed(syntax.name);
      return single((env, input) => format(input, env.run));
    }
    case "index":
      return index(compile(syntax.target, scope), compile(syntax.key, scope), literalOf(syntax.key));
    case "slice":
      return slice(syntax, scope);
    case "iterate":
      return pipe(compile(syntax.target, scope), items);
    case "try":
      return optional(compile(syntax.body, scope), syntax.handler && compile(syntax.handler, scope));
    case "list":
      return syntax.body === undefined ? literal([]) : list(compile(syntax.body, scope));
    case "object":
      return compileObject(syntax.entries, scope, compile);
    case "negate":
      return pipe(
        compile(syntax.body, scope),
        single((_env, input) => negate(input)),
      );
    default:
      return compileJoined(syntax, scope);
  }
};

type Joined = Exclude<
  Syntax,
  {
    readonly kind:
      | "identity"
      | "descend"
      | "literal"
      | "text"
      | "format"
      | "index"
      | "slice"
      | "iterate"
      | "try"
      | "list"
      | "object"
      | "negate";
  }
>;

/** Filters made of several others, and those that deal with names. */
function compileJoined(syntax: Joined, scope: Scope): Filter {
  switch (syntax.kind) {
    case "pipe":
      return pipe(compile(syntax.left, scope), compile(syntax.right, scope));
    case "comma":
      return comma(compile(syntax.left, scope), compile(syntax.right, scope));
    case "and":
    case "or":
      return logic(syntax.kind, compile(syntax.left, scope), compile(syntax.right, scope));
    case "alternative":
      return alternative(compile(syntax.left, scope), compile(syntax.right, scope));
    case "binary":
      return binary(operation(syntax.operator), compile(syntax.left, scope), compile(syntax.right, scope));
    case "assign":
      return assign(syntax.operator, compile(syntax.left, scope), compile(syntax.right, scope));
    case "if": {
      const otherwise = syntax.otherwise === undefined ? identity : compile(syntax.otherwise, scope);
      return whether(compile(syntax.condition, scope), compile(syntax.whenTrue, scope), otherwise);
    }
    case "reduce":
      return compileReduce(syntax, scope, compile);
    case "foreach":
      return compileForeach(syntax, scope, compile);
    case "bind":
      return compileBind(syntax, scope, compile);
    case "def":
      return compileDefinition(syntax, scope, compile);
    case "call":
      return compileCall(syntax, scope, compile);
    case "variable":
      return variable(syntax.name, syntax.at, scope);
    case "label":
      return compileLabel(syntax.name, syntax.body, scope, compile);
    case "break":
      return compileBreak(syntax.name, syntax.at, scope);
  }
}

function literal(value: Json): Filter {
  return single(() => value);
}

function literalOf(syntax: Syntax): Json | undefined {
  return syntax.kind === "literal" ? syntax.value : undefined;
}

function variable(name: string, at: number, scope: Scope): Filter {
  const levels = scope.levelsTo("variable", name);
  if (levels === undefined) {
    const why = name === "ENV" ? "the environment is not available" : "the variable is not defined";
    throw new JqSyntaxError(`$${name}: ${why}`, at);
  }
  if (levels === 0) return single((env) => env.value);
  return single((env) => outward(env, levels).value);
}

function list(body: Filter): Filter {
  const { one } = body;
  if (one !== undefined) return single((env, input) => [one(env, input)]);
  return single((env, input) => collect(body, env, input));
}

const access: BinaryOperation = (target, key) => fieldOf(target, key);

function index(target: Filter, key: Filter, known: Json | undefined): Filter {
  const read = target === identity && typeof known === "string" ? field(known) : indexValues(target, key, known);
  return {
    ...read,
    places: (env, at, emit) =>
      key.each(env, at.value, (step) => target.places(env, at, (place) => emit(placeAt(place, step)))),
  };
}

function indexValues(target: Filter, key: Filter, known: Json | undefined): Filter {
  if (known === undefined) return binary(access, target, key);
  return pipe(target, typeof known === "string" ? field(known) : single((_env, input) => fieldOf(input, known)));
}

function field(key: string): Filter {
  return single((_env, input) => fieldOf(input, key));
}

function slice(syntax: Syntax & { readonly kind: "slice" }, scope: Scope): Filter {
  const none = literal(null);
  const target = compile(syntax.target, scope);
  const from = syntax.from === undefined ? none : compile(syntax.from, scope);
  const to = syntax.to === undefined ? none : compile(syntax.to, scope);
  const bounds: BinaryOperation = (end, start): JsonMap => ({ start, end });
  return index(target, binary(bounds, to, from), undefined);
}
