import type { Filter } from "./filter.ts";
import type { Syntax } from "./syntax.ts";

/** A defined function. Its filter is there once its body is compiled; calls inside the body come before that. */
export interface Callable {
  readonly parameters: readonly string[];
  /** How many values the environment holds where the function is defined. */
  readonly depth: number;
  filter: Filter | undefined;
}

/** Compiles a filter in a scope. */
export type Compile = (syntax: Syntax, scope: Scope) => Filter;

type Entry =
  | { readonly kind: "variable" | "closure" | "label"; readonly name: string }
  | { readonly kind: "function"; readonly name: string; readonly callable: Callable };

/** What a call refers to: a parameter, by how far out it stands, or a function. */
export type Callee =
  { readonly kind: "closure"; readonly levels: number } | { readonly kind: "function"; readonly callable: Callable };

/** The names that a filter may use, the innermost first. Each but a function has its place in the environment. */
export class Scope {
  readonly up: Scope | undefined;
  readonly entry: Entry | undefined;
  /** How many values the environment holds. */
  readonly depth: number;
  /** Functions written in the language itself, compiled when they are first called. */
  readonly library: Map<string, Callable>;

  private constructor(up: Scope | undefined, entry: Entry | undefined, library: Map<string, Callable>) {
    this.up = up;
    this.entry = entry;
    this.library = library;
    const isPushed = entry !== undefined && entry.kind !== "function";
    this.depth = (up?.depth ?? 0) + (isPushed ? 1 : 0);
  }

  /** The scope of a whole program. */
  static root(): Scope {
    return new Scope(undefined, undefined, new Map());
  }

  with(kind: "variable" | "closure" | "label", name: string): Scope {
    return new Scope(this, { kind, name }, this.library);
  }

  withFunction(name: string, callable: Callable): Scope {
    return new Scope(this, { kind: "function", name, callable }, this.library);
  }

  /** The outermost scope, in which functions of the library are compiled. */
  outermost(): Scope {
    return this.up === undefined ? this : this.up.outermost();
  }

  /** How far out a variable or label stands; undefined when there is none. */
  levelsTo(kind: "variable" | "label", name: string): number | undefined {
    const found = this.#find((entry) => entry.kind === kind && entry.name === name);
    return found === undefined ? undefined : this.depth - found.depth;
  }

  /** The function or parameter of that name and number of arguments. */
  callee(name: string, arity: number): Callee | undefined {
    const found = this.#find((entry) => {
      if (entry.name !== name) return false;
      if (entry.kind === "function") return entry.callable.parameters.length === arity;
      return entry.kind === "closure" && arity === 0;
    });
    if (found?.entry === undefined) return undefined;
    if (found.entry.kind === "function") return { kind: "function", callable: found.entry.callable };
    return { kind: "closure", levels: this.depth - found.depth };
  }

  #find(isWanted: (entry: Entry) => boolean): Scope | undefined {
    if (this.entry !== undefined && isWanted(this.entry)) return this;
    return this.up === undefined ? undefined : this.up.#find(isWanted);
  }
}
