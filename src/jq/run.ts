import { RE2JS } from "re2js";
import { Failure, LimitReached } from "./failure.ts";
import type { Json } from "./value.ts";

/** What a run may use, and what it is given. */
export interface RunOptions {
  /** Epoch milliseconds, for `now`. */
  readonly now: () => number;
  /** Milliseconds that never go back, for the time limit. */
  readonly monotonic: () => number;
  /** Takes what `debug` and `stderr` show. */
  readonly debug?: ((text: string) => void) | undefined;
  /** Most steps; ten million when absent. */
  readonly stepsMax?: number | undefined;
  /** Longest time in milliseconds; 5000 when absent. */
  readonly timeMaxMs?: number | undefined;
}

/** Most steps of one evaluation: a few seconds. Chosen so that lists of 100,000 items can still be worked on. */
export const stepsMaxDefault = 10_000_000;

/** Longest evaluation. Nothing else runs in the process meanwhile; guessed. */
export const timeMaxMsDefault = 5_000;

/** Longest text and list that a program may make. */
export const lengthMax = 50_000_000;

/** How many steps pass between two looks at the clock. */
const stepsPerLook = 16_384;

/** Patterns kept compiled by one program. */
const patternsMax = 100;

/** The compiled patterns of a program, kept from run to run. */
export type PatternCache = Map<string, RE2JS>;

/** One evaluation: its limits, and what it may use of the world. */
export class Run {
  readonly #options: RunOptions;
  readonly #stepsMax: number;
  readonly #timeMaxMs: number;
  readonly #startedAt: number;
  readonly #patterns: PatternCache;
  #steps = 0;
  #lookAt = stepsPerLook;

  constructor(options: RunOptions, patterns: PatternCache) {
    this.#options = options;
    this.#stepsMax = options.stepsMax ?? stepsMaxDefault;
    this.#timeMaxMs = options.timeMaxMs ?? timeMaxMsDefault;
    this.#startedAt = options.monotonic();
    this.#patterns = patterns;
    this.#lookAt = Math.min(stepsPerLook, this.#stepsMax);
  }

  /** Counts work: one for each output or call, more for what is long. Throws `LimitReached`. */
  spend(steps = 1): void {
    this.#steps += steps;
    if (this.#steps >= this.#lookAt) this.#look();
  }

  #look(): void {
    if (this.#steps > this.#stepsMax) throw new LimitReached(`took more than ${this.#stepsMax} steps`);
    if (this.#options.monotonic() - this.#startedAt > this.#timeMaxMs) {
      throw new LimitReached(`took longer than ${this.#timeMaxMs} ms`);
    }
    this.#lookAt = Math.min(this.#steps + stepsPerLook, this.#stepsMax + 1);
  }

  /** Checks the length of a text or list before it is made, and counts it. */
  spendLength(length: number): void {
    if (length > lengthMax) throw new LimitReached(`made a value longer than ${lengthMax}`);
    this.spend(Math.ceil(length / 16));
  }

  /** Seconds since 1970. */
  now(): number {
    return this.#options.now() / 1000;
  }

  debug(text: string): void {
    this.#options.debug?.(text);
  }

  /** A compiled pattern of the RE2 syntax, from the program's cache if it is there. */
  pattern(source: string, flags: number): RE2JS {
    const key = `${flags}:${source}`;
    const known = this.#patterns.get(key);
    if (known !== undefined) return known;
    const compiled = compilePattern(source, flags);
    if (this.#patterns.size >= patternsMax) this.#patterns.clear();
    this.#patterns.set(key, compiled);
    return compiled;
  }
}

function compilePattern(source: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(source, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`${source} (at offset 0) is not a valid regex: ${reason}`);
  }
}

/** What a filter sees beside its input: variables and the filters given to functions, the innermost first. */
export class Env {
  readonly run: Run;
  readonly up: Env | undefined;
  readonly value: Json;
  readonly closure: object | undefined;

  constructor(run: Run, up: Env | undefined, value: Json, closure: object | undefined) {
    this.run = run;
    this.up = up;
    this.value = value;
    this.closure = closure;
  }

  /** The environment with a variable. */
  bind(value: Json): Env {
    return new Env(this.run, this, value, undefined);
  }

  /** The environment with a filter, or the identity of a label. */
  enclose(closure: object): Env {
    return new Env(this.run, this, null, closure);
  }
}

/** The environment some levels out. */
export function outward(env: Env, levels: number): Env {
  let found = env;
  for (let level = 0; level < levels && found.up !== undefined; level++) found = found.up;
  return found;
}
