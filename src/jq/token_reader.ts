import { JqSyntaxError } from "./failure.ts";
import type { Token } from "./token.ts";

/** Deepest nesting of a program's syntax; guessed, far above what people write and below what the stack holds. */
const nestingMax = 500;

const end: Token = { kind: "end", text: "", at: 0 };

/** Reads tokens one after the other. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #next = 0;
  #nesting = 0;
  readonly program: string;

  constructor(program: string, tokens: readonly Token[]) {
    this.program = program;
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#tokens[this.#next] ?? end;
  }

  get following(): Token {
    return this.#tokens[this.#next + 1] ?? end;
  }

  take(): Token {
    const token = this.current;
    if (token.kind !== "end") this.#next++;
    return token;
  }

  isSign(text: string): boolean {
    return this.current.kind === "sign" && this.current.text === text;
  }

  isKeyword(text: string): boolean {
    return this.current.kind === "keyword" && this.current.text === text;
  }

  /** Takes a sign when it comes next. */
  accept(text: string): boolean {
    if (!this.isSign(text)) return false;
    this.#next++;
    return true;
  }

  acceptKeyword(text: string): boolean {
    if (!this.isKeyword(text)) return false;
    this.#next++;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected(`expected ${JSON.stringify(text)}`);
  }

  expectKeyword(text: string): void {
    if (!this.acceptKeyword(text)) throw this.unexpected(`expected ${JSON.stringify(text)}`);
  }

  /** The error for the current token. */
  unexpected(wanted?: string): JqSyntaxError {
    const { kind, text, at } = this.current;
    const found = kind === "end" && text === "" ? "unexpected end" : `unexpected ${JSON.stringify(this.#written())}`;
    return new JqSyntaxError(wanted === undefined ? found : `${found}, ${wanted}`, at);
  }

  /** Counts a level of nesting while `read` runs. */
  nested<T>(read: () => T): T {
    if (++this.#nesting > nestingMax) {
      throw new JqSyntaxError(`nested deeper than ${nestingMax} levels`, this.current.at);
    }
    const result = read();
    this.#nesting--;
    return result;
  }

  #written(): string {
    const { kind, text } = this.current;
    if (kind === "field") return `.${text}`;
    if (kind === "variable") return `$${text}`;
    return kind === "format" ? `@${text}` : text;
  }
}
