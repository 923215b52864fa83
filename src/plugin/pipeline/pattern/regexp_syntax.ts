import { WorkflowError } from "../../../error/error.ts";

/** Whether a code point belongs to a class. */
export type CharTest = (code: number) => boolean;

/** A parsed expression. Repetition without an upper bound has `max` of infinity. */
export type Regexp =
  | { readonly kind: "char"; readonly test: CharTest }
  | { readonly kind: "edge"; readonly edge: Edge }
  | { readonly kind: "sequence"; readonly items: readonly Regexp[] }
  | { readonly kind: "choice"; readonly options: readonly Regexp[] }
  | { readonly kind: "repeat"; readonly item: Regexp; readonly min: number; readonly max: number };

/** A place between characters: of the text, of a line, or of a word. */
export type Edge = "text_start" | "text_end" | "line_start" | "line_end" | "word" | "not_word";

/** Largest count in `{n,m}`. */
const repeatMax = 1000;
const depthMax = 200;

interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
}

/**
 * Parses the syntax that Go's regexp and RE2 share. Throws `config.value`, also for back-references and look-around,
 * which cannot be matched in linear time.
 */
export function parseRegexp(text: string): Regexp {
  return new RegexpParser(text).parse();
}

class RegexpParser {
  readonly #codes: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#codes = [...text];
  }

  parse(): Regexp {
    const parsed = this.#choice({ ignoreCase: false, dotAll: false, multiline: false });
    if (this.#at < this.#codes.length) throw this.#fail("unexpected )");
    return parsed;
  }

  #fail(reason: string): WorkflowError {
    const text = `invalid pattern ${JSON.stringify(this.#codes.join(""))}: ${reason} at character ${this.#at + 1}`;
    return new WorkflowError("config.value", text);
  }

  #peek(offset = 0): string {
    return this.#codes[this.#at + offset] ?? "";
  }

  #accept(text: string): boolean {
    if (
      !this.#codes
        .slice(this.#at, this.#at + text.length)
        .join("")
        .startsWith(text)
    )
      return false;
    this.#at += text.length;
    return true;
  }

  #choice(flags: Flags): Regexp {
    if (++this.#depth > depthMax) throw this.#fail("too many nested groups");
    const scope = { flags };
    const options = [this.#sequence(scope)];
    while (this.#accept("|")) options.push(this.#sequence(scope));
    this.#depth--;
    const [only, ...more] = options;
    return only !== undefined && more.length === 0 ? only : { kind: "choice", options };
  }

  /** Flags set inside a group, `(?i)`, hold until its end. */
  #sequence(scope: { flags: Flags }): Regexp {
    const items: Regexp[] = [];
    while (this.#peek() !== "" && this.#peek() !== "|" && this.#peek() !== ")") {
      const flags = this.#flagsOnly(scope.flags);
      if (flags !== undefined) scope.flags = flags;
      else items.push(this.#repeated(this.#atom(scope.flags)));
    }
    return { kind: "sequence", items };
  }

  #flagsOnly(flags: Flags): Flags | undefined {
    const match = /^\(\?([ims]*)(?:-([ims]+))?\)/.exec(this.#codes.slice(this.#at, this.#at + 12).join(""));
    if (match === null) return undefined;
    this.#at += match[0].length;
    return withFlags(flags, match[1] ?? "", match[2] ?? "");
  }

  #repeated(atom: Regexp): Regexp {
    let item = atom;
    for (let times = 0; ; times++) {
      const range = this.#range();
      if (range === undefined) return item;
      if (times > 0) throw this.#fail("nothing to repeat");
      // Whether a repetition is lazy changes which text is matched, not whether one is.
      this.#accept("?");
      item = { kind: "repeat", item, ...range };
    }
  }

  #range(): { readonly min: number; readonly max: number } | undefined {
    if (this.#accept("*")) return { min: 0, max: Infinity };
    if (this.#accept("+")) return { min: 1, max: Infinity };
    if (this.#accept("?")) return { min: 0, max: 1 };
    const match = /^\{(\d{1,6})(?:(,)(\d{1,6})?)?\}/.exec(this.#codes.slice(this.#at, this.#at + 16).join(""));
    if (match === null) return undefined;
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === undefined ? Infinity : Number(match[3]);
    if (min > repeatMax || (max !== Infinity && max > repeatMax))
      throw this.#fail(`more than ${repeatMax} repetitions`);
    if (max < min) throw this.#fail("a repetition with its bounds exchanged");
    this.#at += match[0].length;
    return { min, max };
  }

  #atom(flags: Flags): Regexp {
    const character = this.#peek();
    if ("*+?".includes(character)) throw this.#fail("nothing to repeat");
    this.#at++;
    switch (character) {
      case "(":
        return this.#group(flags);
      case "[":
        return { kind: "char", test: this.#class(flags) };
      case ".":
        return { kind: "char", test: flags.dotAll ? () => true : (code) => code !== 10 };
      case "^":
        return { kind: "edge", edge: flags.multiline ? "line_start" : "text_start" };
      case "$":
        return { kind: "edge", edge: flags.multiline ? "line_end" : "text_end" };
      case "\\":
        return this.#escape(flags);
      default:
        return { kind: "char", test: literal(character, flags) };
    }
  }

  #group(flags: Flags): Regexp {
    let inner = flags;
    if (this.#peek() === "?") {
      const head = this.#codes.slice(this.#at, this.#at + 80).join("");
      const match = /^\?(?:P?<([A-Za-z_]\w*)>|([ims]*)(?:-([ims]+))?:)/.exec(head);
      if (match === null) throw this.#fail("look-around and this kind of group are not supported");
      this.#at += match[0].length;
      inner = withFlags(flags, match[2] ?? "", match[3] ?? "");
    }
    const group = this.#choice(inner);
    if (!this.#accept(")")) throw this.#fail("a group is not closed");
    return group;
  }

  #escape(flags: Flags): Regexp {
    const edge = edges[this.#peek()];
    if (edge !== undefined) {
      this.#at++;
      return { kind: "edge", edge };
    }
    if (/^[1-9k]$/.test(this.#peek())) throw this.#fail("back-references are not supported");
    const found = this.#escaped();
    return { kind: "char", test: typeof found === "string" ? literal(found, flags) : found };
  }

  /** Reads what follows a backslash: a character, or the test of a class. */
  #escaped(): string | CharTest {
    const character = this.#peek();
    if (character === "") throw this.#fail("a backslash at the end");
    this.#at++;
    const known = classes[character.toLowerCase()];
    if (known !== undefined) return character === character.toLowerCase() ? known : not(known);
    if (character === "p" || character === "P") return this.#property(character);
    const control = controls[character];
    if (control !== undefined) return control;
    if (character === "x" || character === "u") return this.#codePoint(character === "x" ? 2 : 4);
    if (/^[A-Za-z0-9]$/.test(character)) throw this.#fail(`unknown escape \\${character}`);
    return character;
  }

  #codePoint(digits: number): string {
    const head = this.#codes.slice(this.#at, this.#at + 12).join("");
    const match = new RegExp(`^(?:\\{([0-9A-Fa-f]{1,6})\\}|([0-9A-Fa-f]{${digits}}))`).exec(head);
    const code = Number.parseInt(match?.[1] ?? match?.[2] ?? "", 16);
    if (match === null || !(code <= 0x10ffff)) throw this.#fail("a character code that cannot be read");
    this.#at += match[0].length;
    return String.fromCodePoint(code);
  }

  #property(letter: string): CharTest {
    const match = /^(?:\{(\^?)([A-Za-z_]+)\}|([A-Z]))/.exec(this.#codes.slice(this.#at, this.#at + 40).join(""));
    if (match === null) throw this.#fail("a character property that cannot be read");
    const test = propertyTest(match[2] ?? match[3] ?? "");
    if (test === undefined) throw this.#fail(`unknown character property ${match[0]}`);
    this.#at += match[0].length;
    return (letter === "P") === (match[1] === "^") ? test : not(test);
  }

  #class(flags: Flags): CharTest {
    const isNegated = this.#accept("^");
    const tests: CharTest[] = [];
    for (let isFirst = true; isFirst || this.#peek() !== "]"; isFirst = false) {
      if (this.#peek() === "") throw this.#fail("a character class is not closed");
      tests.push(this.#classPart(flags));
    }
    this.#at++;
    const test: CharTest = (code) => tests.some((part) => part(code));
    return isNegated ? not(test) : test;
  }

  #classPart(flags: Flags): CharTest {
    const named = /^\[:(\^?)([a-z]+):\]/.exec(this.#codes.slice(this.#at, this.#at + 16).join(""));
    if (named !== null) {
      const test = posix[named[2] ?? ""];
      if (test === undefined) throw this.#fail(`unknown character class ${named[0]}`);
      this.#at += named[0].length;
      return named[1] === "^" ? not(test) : test;
    }
    const from = this.#classCharacter();
    if (typeof from !== "string") return from;
    if (this.#peek() !== "-" || this.#peek(1) === "]" || this.#peek(1) === "") return literal(from, flags);
    this.#at++;
    const to = this.#classCharacter();
    if (typeof to !== "string" || codeOf(to) < codeOf(from)) throw this.#fail("a range that cannot be read");
    return range(codeOf(from), codeOf(to), flags);
  }

  #classCharacter(): string | CharTest {
    const character = this.#peek();
    this.#at++;
    return character === "\\" ? this.#escaped() : character;
  }
}

function withFlags(flags: Flags, on: string, off: string): Flags {
  const value = (letter: string, before: boolean) =>
    on.includes(letter) ? true : off.includes(letter) ? false : before;
  return {
    ignoreCase: value("i", flags.ignoreCase),
    dotAll: value("s", flags.dotAll),
    multiline: value("m", flags.multiline),
  };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function literal(character: string, flags: Flags): CharTest {
  const code = codeOf(character);
  return flags.ignoreCase ? range(code, code, flags) : (other) => other === code;
}

function range(from: number, to: number, { ignoreCase }: Flags): CharTest {
  const isInside: CharTest = (code) => code >= from && code <= to;
  if (!ignoreCase) return isInside;
  return (code) => {
    const character = String.fromCodePoint(code);
    return isInside(code) || isInside(codeOf(character.toLowerCase())) || isInside(codeOf(character.toUpperCase()));
  };
}

function not(test: CharTest): CharTest {
  return (code) => !test(code);
}

function propertyTest(name: string): CharTest | undefined {
  for (const source of [`\\p{${name}}`, `\\p{Script=${name}}`]) {
    try {
      const pattern = new RegExp(`^${source}$`, "u");
      return (code) => pattern.test(String.fromCodePoint(code));
    } catch (error) {
      // Not a name of this kind; the next kind is tried.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

const isDigit: CharTest = (code) => code >= 48 && code <= 57;
const isUpper: CharTest = (code) => code >= 65 && code <= 90;
const isLower: CharTest = (code) => code >= 97 && code <= 122;
const isAlpha: CharTest = (code) => isUpper(code) || isLower(code);

/** Letters, digits and underscore of ASCII, which `\w` and word edges go by. */
export const isWordCode: CharTest = (code) => isAlpha(code) || isDigit(code) || code === 95;

const classes: Readonly<Record<string, CharTest>> = Object.assign(Object.create(null), {
  d: isDigit,
  w: isWordCode,
  s: (code: number) => code === 32 || (code >= 9 && code <= 13 && code !== 11),
});

const controls: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  n: "\n",
  r: "\r",
  t: "\t",
  f: "\f",
  v: "\v",
  a: "\u0007",
});

const edges: Readonly<Record<string, Edge>> = Object.assign(Object.create(null), {
  A: "text_start",
  z: "text_end",
  b: "word",
  B: "not_word",
});

const posix: Readonly<Record<string, CharTest>> = Object.assign(Object.create(null), {
  alnum: (code: number) => isAlpha(code) || isDigit(code),
  alpha: isAlpha,
  blank: (code: number) => code === 32 || code === 9,
  digit: isDigit,
  lower: isLower,
  punct: (code: number) => code > 32 && code < 127 && !isAlpha(code) && !isDigit(code),
  space: (code: number) => code === 32 || (code >= 9 && code <= 13),
  upper: isUpper,
  word: isWordCode,
  xdigit: (code: number) => isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102),
});
