/** What a token is. `field` is `.name`, `variable` is `$name`, `format` is `@name`. */
export type TokenKind = "name" | "keyword" | "field" | "variable" | "format" | "number" | "text" | "sign" | "end";

/** A piece of a program. */
export interface Token {
  readonly kind: TokenKind;
  /** The name without its sigil, the sign, or the digits. */
  readonly text: string;
  /** Offset into the program. */
  readonly at: number;
  /** Of a text: its literal parts and, between them, the tokens of each `\(…)`. */
  readonly parts?: readonly (string | readonly Token[])[];
}

/** Words that cannot be names of functions. */
export const keywords: ReadonlySet<string> = new Set([
  "def",
  "if",
  "then",
  "elif",
  "else",
  "end",
  "as",
  "reduce",
  "foreach",
  "try",
  "catch",
  "label",
  "import",
  "include",
  "and",
  "or",
  "__loc__",
]);
