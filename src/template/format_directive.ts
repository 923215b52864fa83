import { formatWidthMax } from "./limit.ts";
import { asInt } from "./value.ts";

/** One `%` directive of a `printf` format. */
export interface Directive {
  readonly verb: string;
  readonly left: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly precision: number | undefined;
}

/** What was read at a `%`: a directive, and the text that tells what is wrong with it. */
export interface Reading {
  readonly problem: string;
  readonly directive?: Directive;
}

/** Reads the directives of one format, and the arguments that widths and `%[2]d` name. */
export class FormatReader {
  readonly #format: string;
  readonly #args: readonly unknown[];
  #at = 0;
  #argument = 0;
  #reordered = false;
  #badIndex = false;

  constructor(format: string, args: readonly unknown[]) {
    this.#format = format;
    this.#args = args;
  }

  /** Text up to the next `%` or the end of the format. */
  text(): string {
    const found = this.#format.indexOf("%", this.#at);
    const end = found < 0 ? this.#format.length : found;
    const text = this.#format.slice(this.#at, end);
    this.#at = end;
    return text;
  }

  get isDone(): boolean {
    return this.#at >= this.#format.length;
  }

  /** Index of the argument the next directive takes, moving on. */
  takeArgument(): number {
    return this.#argument++;
  }

  /** Arguments that no directive took; none when the format names arguments by number. */
  get firstUnused(): number {
    return this.#reordered ? this.#args.length : this.#argument;
  }

  /**
   * The common case of `%s`, `%d` or `%v` with nothing in between and a value that prints as itself: its text, having
   * moved past the directive. Undefined when the directive must be read in full.
   */
  bare(): string | undefined {
    const value = this.#args[this.#argument];
    const verb = this.#format.charAt(this.#at + 1);
    const fits =
      typeof value === "string"
        ? verb === "s" || verb === "v"
        : typeof value === "number" && Number.isSafeInteger(value) && (verb === "d" || verb === "v");
    if (!fits) return undefined;
    this.#at += 2;
    this.#argument++;
    return String(value);
  }

  /** Reads one directive; the position is at its `%`. */
  directive(): Reading {
    this.#at++;
    this.#badIndex = false;
    const flags = this.#flags();
    this.#index();
    let left = flags.includes("-");
    let { value: width = 0, problem } = this.#count("BADWIDTH");
    if (width < 0) {
      left = true;
      width = -width;
    }
    let precision: number | undefined;
    if (this.#format[this.#at] === ".") {
      this.#at++;
      this.#index();
      const read = this.#count("BADPREC");
      problem += read.problem;
      precision = read.problem === "" ? Math.max(read.value ?? 0, 0) : undefined;
    }
    this.#index();
    const verb = this.#verb();
    if (verb === "") return { problem: `${problem}%!(NOVERB)` };
    if (verb === "%") return { problem: `${problem}%` };
    if (this.#badIndex) return { problem: `${problem}%!${verb}(BADINDEX)` };
    if (this.#argument >= this.#args.length) return { problem: `${problem}%!${verb}(MISSING)` };
    const has = (flag: string) => flags.includes(flag);
    const marks = { left, plus: has("+"), sharp: has("#"), space: has(" "), zero: has("0") && !left };
    return { problem, directive: { verb, ...marks, width, precision } };
  }

  #verb(): string {
    const code = this.#format.codePointAt(this.#at);
    if (code === undefined) return "";
    const verb = String.fromCodePoint(code);
    this.#at += verb.length;
    return verb;
  }

  #flags(): string {
    const start = this.#at;
    while (this.#at < this.#format.length && "+-# 0".includes(this.#format.charAt(this.#at))) this.#at++;
    return this.#format.slice(start, this.#at);
  }

  /** `[n]` makes the n-th argument the next one. */
  #index(): void {
    if (this.#format[this.#at] !== "[") return;
    this.#reordered = true;
    const end = this.#format.indexOf("]", this.#at);
    const digits = end < 0 ? "" : this.#format.slice(this.#at + 1, end);
    const number = /^[0-9]{1,7}$/.test(digits) ? Number(digits) : 0;
    if (number < 1 || number > this.#args.length) this.#badIndex = true;
    else this.#argument = number - 1;
    this.#at = end < 0 ? this.#at + 1 : end + 1;
  }

  /** A width or precision: digits, or `*` for the next argument. */
  #count(mistake: string): { value?: number; problem: string } {
    if (this.#format[this.#at] === "*") {
      this.#at++;
      const value = asInt(this.#args[this.#argument++]);
      const isBad = value === undefined || Math.abs(value) > formatWidthMax;
      return isBad ? { problem: `%!(${mistake})` } : { value, problem: "" };
    }
    const start = this.#at;
    while (/[0-9]/.test(this.#format.charAt(this.#at))) this.#at++;
    if (start === this.#at) return { problem: "" };
    const value = Number(this.#format.slice(start, this.#at));
    return value > formatWidthMax ? { problem: `%!(${mistake})` } : { value, problem: "" };
  }
}
