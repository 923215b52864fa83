import type { NumberKind, TemplateFunction } from "../define_function.ts";

/** The characters of the template's text that a node was read from. */
export interface Span {
  readonly offset: number;
  readonly end: number;
}

/** A literal written in the template. */
export type LiteralValue = string | boolean | number | bigint;

/** One word of a command. A `variable` with slot -1 is `$`, what the template was called with. */
export type Operand = Span &
  (
    | { readonly kind: "dot" }
    | { readonly kind: "nil" }
    | { readonly kind: "field"; readonly path: readonly string[] }
    | { readonly kind: "variable"; readonly slot: number; readonly path: readonly string[] }
    | { readonly kind: "chain"; readonly operand: Operand; readonly path: readonly string[] }
    | { readonly kind: "function"; readonly definition: TemplateFunction }
    | { readonly kind: "literal"; readonly value: LiteralValue; readonly numberKind: NumberKind }
    | { readonly kind: "pipeline"; readonly pipeline: Pipeline }
    /** `.a.my-key.b`: the fields before the first hyphenated name, then keys. */
    | { readonly kind: "index"; readonly base: readonly string[]; readonly keys: readonly string[] }
    /** `my-step.field`: short for the output of a step. */
    | { readonly kind: "step"; readonly path: readonly string[] }
  );

/** A value, or a function or method with its arguments. Has at least one operand. */
export interface Command extends Span {
  readonly operands: readonly Operand[];
}

/** A variable that a pipeline declares or assigns. */
export interface VariableTarget {
  readonly name: string;
  readonly slot: number;
}

/** Commands joined by `|`, and the variables that take the result. */
export interface Pipeline extends Span {
  readonly targets: readonly VariableTarget[];
  readonly commands: readonly Command[];
}

/** A part of a template's body. */
export type Statement =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipeline: Pipeline }
  | Conditional
  | { readonly kind: "range"; readonly pipeline: Pipeline; readonly body: Body; readonly otherwise: Body }
  | { readonly kind: "template"; readonly name: string; readonly argument: Pipeline | undefined; readonly span: Span }
  | { readonly kind: "break" | "continue" };

/** `if` or `with`; an `else if` is a conditional alone in `otherwise`. */
export interface Conditional {
  readonly kind: "if" | "with";
  readonly pipeline: Pipeline;
  readonly body: Body;
  readonly otherwise: Body;
}

/** Statements in the order they are executed. */
export type Body = readonly Statement[];

/** The main template or a `define` block, with the number of variable slots its rendering needs. */
export interface Definition {
  readonly name: string;
  readonly body: Body;
  readonly slots: number;
}

/** A parsed template. */
export interface Syntax {
  readonly main: Definition;
  readonly definitions: ReadonlyMap<string, Definition>;
}
