import { jsonDepthMax } from "../json/depth.ts";
import { normalize } from "../json/normalize.ts";
import { compile } from "./compile.ts";
import { Failure, JqSyntaxError, LimitReached } from "./failure.ts";
import type { Filter } from "./filter.ts";
import { parseProgram } from "./parser.ts";
import { Env, type PatternCache, Run, type RunOptions } from "./run.ts";
import { Scope } from "./scope.ts";
import { isList, isMap, type Json, jsonText } from "./value.ts";

/** Longest program, in UTF-16 code units; guessed. */
const programMax = 100_000;

/** Most outputs of one evaluation. */
const outputsMax = 1_000_000;

/** A program, compiled once. */
export interface Program {
  /**
   * The outputs for an input, which is not changed. The outputs may share parts with it. Throws `JqError` when the
   * program fails or reaches a limit.
   */
  run(input: unknown, options: RunOptions): readonly Json[];
}

/** Why a program failed. */
export class JqError extends Error {}

/** Compiles a program. Throws `JqSyntaxError` with the offset of the mistake. */
export function compileProgram(text: string): Program {
  if (text.length > programMax) throw new JqSyntaxError(`longer than ${programMax} characters`, programMax);
  const filter = compiled(text);
  const patterns: PatternCache = new Map();
  return {
    run(input, options) {
      const run = new Run(options, patterns);
      try {
        const env = new Env(run, undefined, null, undefined);
        const value = jsonOf(input);
        if (filter.one !== undefined) return [finite(filter.one(env, value))];
        const outputs: Json[] = [];
        filter.each(env, value, (output) => {
          run.spend();
          if (outputs.length === outputsMax) throw new LimitReached(`gave more than ${outputsMax} outputs`);
          outputs.push(finite(output));
        });
        return outputs;
      } catch (thrown) {
        throw problemOf(thrown);
      }
    },
  };
}

function compiled(text: string): Filter {
  try {
    return compile(parseProgram(text), Scope.root());
  } catch (error) {
    // Thousands of operators in a row make a tree that is deeper than the stack.
    if (error instanceof RangeError) throw new JqSyntaxError("too large to be compiled", 0);
    throw error;
  }
}

function problemOf(thrown: unknown): unknown {
  if (thrown instanceof Failure) return new JqError(messageOf(thrown.value));
  if (thrown instanceof LimitReached) return new JqError(thrown.message);
  // The host's stack ends before its memory does: a program that calls itself without end comes here.
  if (thrown instanceof RangeError) return new JqError("went too deep: a function calls itself too often");
  return thrown;
}

function messageOf(value: Json): string {
  if (typeof value === "string") return value;
  return value === null ? "null (null) was raised" : `${jsonText(value)} (not a string)`;
}

/** The input as JSON: itself when it is made of nothing else, or a copy in which it is. */
function jsonOf(input: unknown): Json {
  if (isJson(input, 0)) return input;
  const { value } = normalize(input);
  return isJson(value, 0) ? value : null;
}

function isJson(value: unknown, depth: number): value is Json {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
    case "number":
      return true;
    case "object":
      return value === null || (depth < jsonDepthMax && isJsonObject(value, depth + 1));
    default:
      return false;
  }
}

function isJsonObject(value: object, depth: number): boolean {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (!isJson(value[index], depth)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  // `for in` over a plain object sees its own keys only.
  for (const key of Object.keys(value)) if (!isJson(Reflect.get(value, key), depth)) return false;
  return true;
}

/** The value with NaN as null and infinities as the largest number, as JSON has neither. */
function finite(value: Json): Json {
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    return Number.isNaN(value) ? null : Math.sign(value) * Number.MAX_VALUE;
  }
  if (isList(value)) return value.every(isFiniteInside) ? value : value.map(finite);
  if (!isMap(value) || isFiniteInside(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, finite(item)]));
}

function isFiniteInside(value: Json): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return isList(value) ? value.every(isFiniteInside) : Object.values(value).every(isFiniteInside);
}
