import type { Json } from "./value.ts";

/** Operators that work on two values. */
export type BinaryOperator = "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=";

/** Operators that change what stands at paths. */
export type AssignOperator = "=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%=" | "//=";

/** A literal part of a text, or a filter whose outputs are put in. */
export type TextPart = string | Syntax;

/** The syntax tree of a filter. `at` is the offset of what a message would point to. */
export type Syntax =
  | { readonly kind: "identity" }
  | { readonly kind: "descend" }
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "text"; readonly format: string; readonly parts: readonly TextPart[] }
  | { readonly kind: "format"; readonly name: string }
  | { readonly kind: "index"; readonly target: Syntax; readonly key: Syntax }
  | {
      readonly kind: "slice";
      readonly target: Syntax;
      readonly from: Syntax | undefined;
      readonly to: Syntax | undefined;
    }
  | { readonly kind: "iterate"; readonly target: Syntax }
  | { readonly kind: "try"; readonly body: Syntax; readonly handler: Syntax | undefined }
  | { readonly kind: "list"; readonly body: Syntax | undefined }
  | { readonly kind: "object"; readonly entries: readonly ObjectEntry[] }
  | { readonly kind: "negate"; readonly body: Syntax }
  | { readonly kind: "pipe" | "comma" | "and" | "or" | "alternative"; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: "assign"; readonly operator: AssignOperator; readonly left: Syntax; readonly right: Syntax }
  | {
      readonly kind: "if";
      readonly condition: Syntax;
      readonly whenTrue: Syntax;
      readonly otherwise: Syntax | undefined;
    }
  | ReduceSyntax
  | ForeachSyntax
  | BindSyntax
  | DefinitionSyntax
  | CallSyntax
  | { readonly kind: "variable"; readonly name: string; readonly at: number }
  | { readonly kind: "label"; readonly name: string; readonly body: Syntax }
  | { readonly kind: "break"; readonly name: string; readonly at: number };

/** One `key: value` of an object. */
export interface ObjectEntry {
  readonly key: Syntax;
  readonly value: Syntax;
}

/** `reduce source as patterns (init; update)`. */
export interface ReduceSyntax {
  readonly kind: "reduce";
  readonly source: Syntax;
  readonly patterns: readonly Pattern[];
  readonly init: Syntax;
  readonly update: Syntax;
}

/** `foreach source as patterns (init; update; extract)`. */
export interface ForeachSyntax {
  readonly kind: "foreach";
  readonly source: Syntax;
  readonly patterns: readonly Pattern[];
  readonly init: Syntax;
  readonly update: Syntax;
  readonly extract: Syntax | undefined;
}

/** `source as patterns | body`. */
export interface BindSyntax {
  readonly kind: "bind";
  readonly source: Syntax;
  readonly patterns: readonly Pattern[];
  readonly body: Syntax;
}

/** `def name(parameters): body; rest`. Parameters of the form `$name` keep their sigil. */
export interface DefinitionSyntax {
  readonly kind: "def";
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: Syntax;
  readonly rest: Syntax;
}

/** `name(arguments)`. */
export interface CallSyntax {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Syntax[];
  readonly at: number;
}

/** What a value is taken apart with. */
export type Pattern =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Pattern[] }
  | { readonly kind: "object"; readonly entries: readonly PatternEntry[] };

/** One `key: pattern`; with `variable` the value itself is bound too. */
export interface PatternEntry {
  readonly variable: string | undefined;
  readonly key: Syntax;
  readonly value: Pattern | undefined;
}
