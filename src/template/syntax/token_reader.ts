import type { WorkflowError } from "../../error/error.ts";
import { syntaxError } from "../failure.ts";
import { Lexer } from "./lexer.ts";
import { syntaxDepthMax } from "../limit.ts";
import type { Token } from "./token.ts";

/** The tokens of one template with look-ahead, and the depth the parser has reached. */
export class TokenReader {
  readonly text: string;
  readonly #lexer: Lexer;
  readonly #ahead: Token[] = [];
  #depth = 0;

  constructor(text: string) {
    this.text = text;
    this.#lexer = new Lexer(text);
  }

  /** The token `distance` ahead, without taking it. Throws when the text cannot be read that far. */
  peek(distance = 0): Token {
    while (this.#ahead.length <= distance) this.#ahead.push(this.#lexer.next());
    const token = this.#ahead[distance] ?? this.#lexer.next();
    if (token.kind === "error") throw this.problem(token.offset, token.problem);
    return token;
  }

  take(): Token {
    const token = this.peek();
    this.#ahead.shift();
    return token;
  }

  /** Runs a part of the parser one level deeper; refuses text that is nested beyond the limit. */
  nested<T>(offset: number, parse: () => T): T {
    if (this.#depth >= syntaxDepthMax) throw this.problem(offset, `nested deeper than ${syntaxDepthMax} levels`);
    this.#depth++;
    const result = parse();
    this.#depth--;
    return result;
  }

  problem(offset: number, message: string, hint?: string): WorkflowError {
    return syntaxError(this.text, offset, message, hint);
  }

  unexpected(token: Token, context: string, hint?: string): WorkflowError {
    return this.problem(token.offset, `unexpected ${describeToken(token)} in ${context}`, hint);
  }
}

function describeToken(token: Token): string {
  switch (token.kind) {
    case "end_of_text":
      return "EOF";
    case "right_paren":
      return "right paren";
    case "keyword":
      return `<${token.keyword}>`;
    case "dot":
    case "nil":
      return `<${token.text}>`;
    default:
      return JSON.stringify(token.text.length > 10 ? `${token.text.slice(0, 10)}...` : token.text);
  }
}
