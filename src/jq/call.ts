import { builtin } from "./builtin/table.ts";
import { definitionOf } from "./builtin/library.ts";
import { refusalOf } from "./builtin/refused.ts";
import { Break, JqSyntaxError } from "./failure.ts";
import { type Filter, several } from "./filter.ts";
import { type Env, outward } from "./run.ts";
import type { Callable, Compile, Scope } from "./scope.ts";
import type { CallSyntax, DefinitionSyntax, Syntax } from "./syntax.ts";

/** A filter given to a function, with the environment it was written in. */
class Closure {
  readonly filter: Filter;
  readonly env: Env;

  constructor(filter: Filter, env: Env) {
    this.filter = filter;
    this.env = env;
  }
}

/** `def name(parameters): body; rest`. */
export function compileDefinition(syntax: DefinitionSyntax, scope: Scope, compile: Compile): Filter {
  const callable: Callable = { parameters: syntax.parameters, depth: scope.depth, filter: undefined };
  const inner = scope.withFunction(syntax.name, callable);
  compileBody(callable, syntax, inner, compile);
  return compile(syntax.rest, inner);
}

type Definition = Pick<DefinitionSyntax, "parameters" | "body">;

function compileBody(callable: Callable, { parameters, body }: Definition, scope: Scope, compile: Compile): void {
  const names = parameters.map((name) => (name.startsWith("$") ? name.slice(1) : name));
  const inside = names.reduce((inner, name) => inner.with("closure", name), scope);
  // A value parameter is a filter like any other, whose outputs are bound one after the other.
  const values = parameters.filter((name) => name.startsWith("$")).map((name) => name.slice(1));
  const bound = values.reduceRight<Syntax>(
    (rest, name) => ({
      kind: "bind",
      source: { kind: "call", name, args: [], at: 0 },
      patterns: [{ kind: "variable", name }],
      body: rest,
    }),
    body,
  );
  callable.filter = compile(bound, inside);
}

/** `name(arguments)`: a parameter, a defined function, or one of the language. */
export function compileCall(syntax: CallSyntax, scope: Scope, compile: Compile): Filter {
  const { name, args, at } = syntax;
  const callee = scope.callee(name, args.length);
  if (callee?.kind === "closure") return callClosure(callee.levels);
  if (callee !== undefined) return callFunction(callee.callable, args, scope, compile);
  const known = builtin(name, args.length);
  if (known !== undefined) return known(args.map((arg) => compile(arg, scope)));
  const callable = libraryFunction(name, args.length, scope, compile);
  if (callable !== undefined) return callFunction(callable, args, scope, compile);
  const refusal = refusalOf(name, args.length) ?? `${name}/${args.length} is not defined`;
  throw new JqSyntaxError(refusal, at);
}

function libraryFunction(name: string, arity: number, scope: Scope, compile: Compile): Callable | undefined {
  const key = `${name}/${arity}`;
  const known = scope.library.get(key);
  if (known !== undefined) return known;
  const definition = definitionOf(key);
  if (definition === undefined) return undefined;
  const callable: Callable = { parameters: definition.parameters, depth: 0, filter: undefined };
  scope.library.set(key, callable);
  compileBody(callable, definition, scope.outermost(), compile);
  return callable;
}

function closureAt(env: Env, levels: number): Closure {
  const { closure } = outward(env, levels);
  if (closure instanceof Closure) return closure;
  throw new Error("a parameter's place in the environment holds no filter");
}

function callClosure(levels: number): Filter {
  return several(
    (env, input, emit) => {
      env.run.spend();
      const { filter, env: outer } = closureAt(env, levels);
      filter.each(outer, input, emit);
    },
    (env, at, emit) => {
      env.run.spend();
      const { filter, env: outer } = closureAt(env, levels);
      filter.places(outer, at, emit);
    },
  );
}

function callFunction(callable: Callable, args: readonly Syntax[], scope: Scope, compile: Compile): Filter {
  const levels = scope.depth - callable.depth;
  const closures = args.map((arg) => closureOf(arg, scope, compile));
  const enter = (env: Env): Env => {
    env.run.spend();
    let inner = outward(env, levels);
    for (const make of closures) inner = inner.enclose(make(env));
    return inner;
  };
  const { filter } = callable;
  const one = filter?.one;
  const each: Filter["each"] = (env, input, emit) => bodyOf(callable).each(enter(env), input, emit);
  const places: Filter["places"] = (env, at, emit) => bodyOf(callable).places(enter(env), at, emit);
  return { one: one === undefined ? undefined : (env, input) => one(enter(env), input), each, places };
}

function bodyOf({ filter }: Callable): Filter {
  if (filter === undefined) throw new Error("a function is called before its body is compiled");
  return filter;
}

/** A parameter that is handed on is the same filter, not a new one around it: recursion would grow a chain. */
function closureOf(arg: Syntax, scope: Scope, compile: Compile): (env: Env) => Closure {
  if (arg.kind === "call") {
    const callee = scope.callee(arg.name, arg.args.length);
    if (callee?.kind === "closure") return (env) => closureAt(env, callee.levels);
  }
  const filter = compile(arg, scope);
  return (env) => new Closure(filter, env);
}

/** `label $name | body`. */
export function compileLabel(name: string, body: Syntax, scope: Scope, compile: Compile): Filter {
  const inner = compile(body, scope.with("label", name));
  return several(
    (env, input, emit) => untilBreak((label) => inner.each(env.enclose(label), input, emit)),
    (env, at, emit) => untilBreak((label) => inner.places(env.enclose(label), at, emit)),
  );
}

/** Runs something that may throw a `Break` with the label it is given, which ends it. */
export function untilBreak(body: (label: object) => void): void {
  const label = {};
  try {
    body(label);
  } catch (thrown) {
    if (!(thrown instanceof Break && thrown.label === label)) throw thrown;
  }
}

/** `break $name`. */
export function compileBreak(name: string, at: number, scope: Scope): Filter {
  const levels = scope.levelsTo("label", name);
  if (levels === undefined) throw new JqSyntaxError(`break $${name}: the label is not defined`, at);
  return several((env) => {
    throw new Break(outward(env, levels).closure ?? env);
  });
}
