import type { Span } from "./syntax.ts";

/** Words that begin a control action. */
export const keywords = [
  "block",
  "break",
  "continue",
  "define",
  "else",
  "end",
  "if",
  "range",
  "template",
  "with",
] as const;

/** One of the words that begin a control action. */
export type Keyword = (typeof keywords)[number];

/** What a token is, with the value it stands for. */
export type TokenKind =
  | { readonly kind: "text" | "open" | "close" | "end_of_text" }
  | { readonly kind: "dot" | "nil" | "pipe" | "left_paren" | "right_paren" | "declare" | "assign" | "comma" }
  | { readonly kind: "variable" | "identifier" | "number" | "other" }
  | { readonly kind: "keyword"; readonly keyword: Keyword }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "character"; readonly value: number }
  /** `.a.b`, with or without hyphens in its names. */
  | { readonly kind: "field"; readonly path: readonly string[]; readonly hyphenated: boolean }
  /** `my-step.field`. */
  | { readonly kind: "step"; readonly path: readonly string[] }
  | { readonly kind: "error"; readonly problem: string };

/** A word or sign of a template. `text` is what was written; `spaced` says that white space stands before it. */
export type Token = Span & TokenKind & { readonly text: string; readonly spaced: boolean };
