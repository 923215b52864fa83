import { type RE2JS, RE2JS as Engine } from "re2js";
import { add } from "../arithmetic.ts";
import { fail } from "../failure.ts";
import { collect, type Filter, several } from "../filter.ts";
import type { Env, Run } from "../run.ts";
import { asText, describe, isList, type Json, type JsonDraft, type JsonMap, setKey } from "../value.ts";
import { argument, type Builtin, type Builtins } from "./builtin.ts";

interface Search {
  readonly pattern: RE2JS;
  readonly isGlobal: boolean;
  readonly skipsEmpty: boolean;
}

/** Steps for each character that is looked at: RE2 is linear, but slower than other work. */
const stepsPerCharacter = 1;

function searchFor(source: Json, flags: Json, run: Run): Search {
  const text = asText(source, "cannot be matched, as it is not a string");
  if (flags !== null && typeof flags !== "string") throw fail(`${describe(flags)} is not a string`);
  let options = 0;
  let [isGlobal, skipsEmpty, isExtended] = [false, false, false];
  for (const flag of flags ?? "") {
    if (flag === "g") isGlobal = true;
    else if (flag === "n") skipsEmpty = true;
    else if (flag === "x") isExtended = true;
    else if (flag === "i") options |= Engine.CASE_INSENSITIVE;
    else if (flag === "p") options |= Engine.DOTALL;
    else if (flag === "l") options |= Engine.LONGEST_MATCH;
    // `^` and `$` stand for the ends of the text already.
    else if (flag !== "s") throw fail(`${flags ?? ""} is not a valid modifier string`);
  }
  return { pattern: run.pattern(isExtended ? withoutBlanks(text) : text, options), isGlobal, skipsEmpty };
}

/** A pattern of the extended form without its blanks and comments. */
function withoutBlanks(text: string): string {
  return text.replace(/\\[^]|\[(?:\\[^]|[^\]])*\]|\s+|#[^\n]*/g, (found) => (/^(\s|#)/.test(found) ? "" : found));
}

interface Group {
  readonly start: number;
  readonly end: number;
  readonly name: string | null;
}

/** A match with its groups, the whole one first, in code units. */
type Match = readonly Group[];

function* matchesOf(text: string, { pattern, isGlobal, skipsEmpty }: Search, run: Run): Generator<Match> {
  const names = new Map<number, string>();
  for (const [name, group] of Object.entries(pattern.namedGroups())) names.set(group, name);
  const matcher = pattern.matcher(text);
  let from = 0;
  while (matcher.find()) {
    run.spend(1 + (matcher.end(0) - from) * stepsPerCharacter);
    from = matcher.end(0);
    if (skipsEmpty && matcher.start(0) === from) continue;
    const groups: Group[] = [];
    for (let group = 0; group <= matcher.groupCount(); group++) {
      groups.push({ start: matcher.start(group), end: matcher.end(group), name: names.get(group) ?? null });
    }
    yield groups;
    if (!isGlobal) return;
  }
  run.spend((text.length - from) * stepsPerCharacter);
}

function subject(input: Json): string {
  return asText(input, "cannot be matched, as it is not a string");
}

/** Positions are counted in characters, which may be two code units. */
function counter(text: string): (unit: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (unit) => unit;
  let [at, counted] = [0, 0];
  return (unit) => {
    if (unit < at) [at, counted] = [0, 0];
    counted += Array.from(text.slice(at, unit)).length;
    at = unit;
    return counted;
  };
}

function matchValue(text: string, match: Match, count: (unit: number) => number): JsonMap {
  const [whole, ...groups] = match.map(({ start, end, name }) => {
    if (start < 0) return { offset: -1, length: 0, string: null, name };
    const offset = count(start);
    return { offset, length: count(end) - offset, string: text.slice(start, end), name };
  });
  const { name: _, ...found } = whole ?? { offset: 0, length: 0, string: "", name: null };
  return { ...found, captures: groups };
}

function capturesOf(text: string, match: Match): JsonMap {
  const captures: JsonDraft = {};
  for (const { start, end, name } of match.slice(1)) {
    if (name !== null) setKey(captures, name, start < 0 ? null : text.slice(start, end));
  }
  return captures;
}

type Use = (text: string, search: Search, run: Run, emit: (value: Json) => void) => void;

/** A builtin whose arguments are a pattern and flags; with one argument, both may come as a list. */
function searching(use: Use, addedFlags = ""): Builtin {
  return (args) => {
    const [source, flags] = args;
    const begin = (env: Env, input: Json, pattern: Json, given: Json, emit: (value: Json) => void): void => {
      const isPair = flags === undefined && isList(pattern);
      const words = isPair ? (pattern[1] ?? null) : given;
      const all = addedFlags === "" ? words : add(words, addedFlags, env.run);
      const search = searchFor(isPair ? (pattern[0] ?? null) : pattern, all, env.run);
      use(subject(input), search, env.run, emit);
    };
    return several((env, input, emit) => {
      if (flags === undefined) {
        source?.each(env, input, (pattern) => begin(env, input, pattern, null, emit));
        return;
      }
      flags.each(env, input, (given) => source?.each(env, input, (pattern) => begin(env, input, pattern, given, emit)));
    });
  };
}

const match: Use = (text, search, run, emit) => {
  const count = counter(text);
  for (const found of matchesOf(text, search, run)) emit(matchValue(text, found, count));
};

const test: Use = (text, search, run, emit) => {
  run.spend(text.length * stepsPerCharacter);
  emit(!matchesOf(text, search, run).next().done);
};

const capture: Use = (text, search, run, emit) => {
  for (const found of matchesOf(text, search, run)) emit(capturesOf(text, found));
};

const scan: Use = (text, search, run, emit) => {
  for (const [whole, ...groups] of matchesOf(text, search, run)) {
    if (whole === undefined) continue;
    if (groups.length === 0) emit(text.slice(whole.start, whole.end));
    else emit(groups.map(({ start, end }) => (start < 0 ? null : text.slice(start, end))));
  }
};

function partsBetween(text: string, search: Search, run: Run): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const [whole] of matchesOf(text, search, run)) {
    if (whole === undefined) continue;
    parts.push(text.slice(from, whole.start));
    from = whole.end;
  }
  parts.push(text.slice(from));
  return parts;
}

const splits: Use = (text, search, run, emit) => {
  for (const part of partsBetween(text, search, run)) emit(part);
};

const splitAll: Use = (text, search, run, emit) => emit(partsBetween(text, search, run));

/** `sub` and `gsub`: when the replacement has several outputs, there is one result for each. */
function substitute(addedFlags: string): Builtin {
  return (args) => {
    const [replacement, flags] = [argument(args, 1), args[2]];
    return several((env, input, emit) =>
      eachFlag(flags, env, input, (given) =>
        argument(args, 0).each(env, input, (source) => {
          const search = searchFor(source, add(given, addedFlags, env.run), env.run);
          for (const result of substituted(subject(input), search, replacement, env)) emit(result);
        }),
      ),
    );
  };
}

function eachFlag(flags: Filter | undefined, env: Env, input: Json, emit: (flags: Json) => void): void {
  if (flags === undefined) emit("");
  else flags.each(env, input, emit);
}

function substituted(text: string, search: Search, replacement: Filter, env: Env): readonly string[] {
  const results: string[] = [];
  let from = 0;
  for (const found of matchesOf(text, search, env.run)) {
    const [whole] = found;
    if (whole === undefined) continue;
    const gap = text.slice(from, whole.start);
    for (const [index, insert] of collect(replacement, env, capturesOf(text, found)).entries()) {
      if (typeof insert !== "string") throw fail(`${describe(capturesOf(text, found))} cannot be added to a string`);
      const made = (results[index] ?? "") + gap + insert;
      env.run.spendLength(gap.length + insert.length);
      results[index] = made;
    }
    from = whole.end;
  }
  return results.length === 0 ? [text] : results.map((result) => result + text.slice(from));
}

/** Filters that look for patterns of the RE2 syntax. */
export const patternBuiltins: Builtins = {
  "match/1": searching(match),
  "match/2": searching(match),
  "test/1": searching(test),
  "test/2": searching(test),
  "capture/1": searching(capture),
  "capture/2": searching(capture),
  "scan/1": searching(scan, "g"),
  "scan/2": searching(scan, "g"),
  "split/2": searching(splitAll, "g"),
  "splits/1": searching(splits, "g"),
  "splits/2": searching(splits, "g"),
  "sub/2": substitute(""),
  "sub/3": substitute(""),
  "gsub/2": substitute("g"),
  "gsub/3": substitute("g"),
};
