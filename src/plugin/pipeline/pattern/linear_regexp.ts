import { WorkflowError } from "../../../error/error.ts";
import { type CharTest, type Edge, isWordCode, parseRegexp, type Regexp } from "./regexp_syntax.ts";

/** Most instructions of a compiled pattern; time per character grows with their number. */
const instructionsMax = 5000;

/** Longest text that is matched, in UTF-16 code units. Guessed: with the largest pattern it takes about a second. */
export const matchedTextMax = 100_000;

/** A pattern that needs time in proportion to the text, whatever the text is. */
export interface LinearRegexp {
  /** Whether the pattern occurs in the text. */
  test(text: string): boolean;
}

type Instruction =
  | { readonly kind: "char"; readonly test: CharTest }
  | { readonly kind: "edge"; readonly edge: Edge }
  | { readonly kind: "split"; other: number }
  | { readonly kind: "jump"; to: number };

/**
 * Compiles a pattern of the RE2 syntax. JavaScript's own expressions go back and try again, so that a text chosen by a
 * client can hold up the process for years; this one follows all ways at once. Throws `config.value`.
 */
export function compileLinearRegexp(text: string): LinearRegexp {
  const { program } = new Emitter(text);
  return { test: (subject) => new Matcher(program, subject).run() };
}

/** Turns a parsed pattern into instructions. */
class Emitter {
  readonly program: Instruction[] = [];
  readonly #source: string;
  #nodes = 0;

  constructor(source: string) {
    this.#source = source;
    this.#emit(parseRegexp(source));
  }

  #emit(node: Regexp): void {
    // Nodes are counted as well: repeated groups with nothing inside add no instructions.
    if (++this.#nodes > instructionsMax * 4 || this.program.length > instructionsMax) {
      throw new WorkflowError("config.value", `invalid pattern ${JSON.stringify(this.#source)}: it is too large`);
    }
    switch (node.kind) {
      case "char":
      case "edge":
        this.program.push(node);
        return;
      case "sequence":
        for (const item of node.items) this.#emit(item);
        return;
      case "choice":
        return this.#choice(node.options);
      case "repeat":
        for (let times = 0; times < node.min; times++) this.#emit(node.item);
        return node.max === Infinity ? this.#loop(node.item) : this.#optional(node.item, node.max - node.min);
    }
  }

  #choice(options: readonly Regexp[]): void {
    const ends: { kind: "jump"; to: number }[] = [];
    for (const [index, option] of options.entries()) {
      if (index === options.length - 1) {
        this.#emit(option);
        break;
      }
      const split = { kind: "split" as const, other: 0 };
      this.program.push(split);
      this.#emit(option);
      const end = { kind: "jump" as const, to: 0 };
      this.program.push(end);
      ends.push(end);
      split.other = this.program.length;
    }
    for (const end of ends) end.to = this.program.length;
  }

  #loop(item: Regexp): void {
    const split = { kind: "split" as const, other: 0 };
    const start = this.program.push(split) - 1;
    this.#emit(item);
    this.program.push({ kind: "jump", to: start });
    split.other = this.program.length;
  }

  #optional(item: Regexp, times: number): void {
    const splits: { kind: "split"; other: number }[] = [];
    for (let turn = 0; turn < times; turn++) {
      const split = { kind: "split" as const, other: 0 };
      this.program.push(split);
      splits.push(split);
      this.#emit(item);
    }
    for (const split of splits) split.other = this.program.length;
  }
}

/** Follows every way through the program at once: the set of places is at most as large as the program. */
class Matcher {
  readonly #program: readonly Instruction[];
  readonly #codes: readonly number[];
  /** For each instruction the position at which it was last entered. */
  readonly #seen: Int32Array;
  #waiting: number[] = [];
  #isMatch = false;

  constructor(program: readonly Instruction[], text: string) {
    this.#program = program;
    this.#codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    this.#seen = new Int32Array(program.length + 1).fill(-1);
  }

  run(): boolean {
    const codes = this.#codes;
    for (let at = 0; at <= codes.length; at++) {
      this.#enter(0, at);
      if (this.#isMatch) return true;
      const code = codes[at];
      if (code === undefined) break;
      const before = this.#waiting;
      this.#waiting = [];
      for (const index of before) {
        const instruction = this.#program[index];
        if (instruction?.kind === "char" && instruction.test(code)) this.#enter(index + 1, at + 1);
      }
      if (this.#isMatch) return true;
    }
    return false;
  }

  /** Adds the places that wait for a character, reached from an instruction without one. */
  #enter(start: number, at: number): void {
    const open = [start];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.#seen[index] === at) continue;
      this.#seen[index] = at;
      const instruction = this.#program[index];
      if (instruction === undefined) this.#isMatch = true;
      else if (instruction.kind === "char") this.#waiting.push(index);
      else if (instruction.kind === "jump") open.push(instruction.to);
      else if (instruction.kind === "split") open.push(instruction.other, index + 1);
      else if (this.#isAt(instruction.edge, at)) open.push(index + 1);
    }
  }

  #isAt(edge: Edge, at: number): boolean {
    const before = this.#codes[at - 1];
    const after = this.#codes[at];
    switch (edge) {
      case "text_start":
        return before === undefined;
      case "text_end":
        return after === undefined;
      case "line_start":
        return before === undefined || before === 10;
      case "line_end":
        return after === undefined || after === 10;
      case "word":
        return isWord(before) !== isWord(after);
      case "not_word":
        return isWord(before) === isWord(after);
    }
  }
}

function isWord(code: number | undefined): boolean {
  return code !== undefined && isWordCode(code);
}
