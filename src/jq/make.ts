import { fail } from "./failure.ts";
import { type Filter, several, single } from "./filter.ts";
import { formatNamed } from "./format.ts";
import type { Env } from "./run.ts";
import type { Compile, Scope } from "./scope.ts";
import type { ObjectEntry, TextPart } from "./syntax.ts";
import { type Json, type JsonDraft, setKey, typeOf } from "./value.ts";

interface Member {
  readonly key: Filter;
  readonly value: Filter;
}

/** `{…}`: one object for every combination of keys and values. */
export function compileObject(entries: readonly ObjectEntry[], scope: Scope, compile: Compile): Filter {
  const members = entries.map(({ key, value }): Member => {
    const compiled = { key: compile(key, scope), value: compile(value, scope) };
    return compiled;
  });
  const fast = fastMembers(members);
  if (fast !== undefined) {
    return single((env, input) => {
      const made: JsonDraft = {};
      for (const { key, value } of fast) setKey(made, keyOf(key(env, input)), value(env, input));
      return made;
    });
  }
  const fill = (env: Env, input: Json, made: JsonDraft, at: number, emit: (value: Json) => void): void => {
    const member = members[at];
    if (member === undefined) {
      emit(made);
      return;
    }
    member.key.each(env, input, (key) =>
      member.value.each(env, input, (value) => {
        const copy = { ...made };
        setKey(copy, keyOf(key), value);
        fill(env, input, copy, at + 1, emit);
      }),
    );
  };
  return several((env, input, emit) => fill(env, input, {}, 0, emit));
}

type FastMember = { readonly key: NonNullable<Filter["one"]>; readonly value: NonNullable<Filter["one"]> };

/** The members when each has exactly one key and one value. */
function fastMembers(members: readonly Member[]): readonly FastMember[] | undefined {
  const fast: FastMember[] = [];
  for (const { key, value } of members) {
    if (key.one === undefined || value.one === undefined) return undefined;
    fast.push({ key: key.one, value: value.one });
  }
  return fast;
}

function keyOf(key: Json): string {
  if (typeof key === "string") return key;
  throw fail(`Object keys must be strings, not ${typeOf(key)}`);
}

/** A text with interpolations, each put through the format; one text for every combination of outputs. */
export function compileText(format: string, parts: readonly TextPart[], scope: Scope, compile: Compile): Filter {
  const write = formatNamed(format);
  const pieces = parts.map((part) => (typeof part === "string" ? part : compile(part, scope)));
  const ones = pieces.map((piece) => (typeof piece === "string" ? piece : piece.one));
  if (ones.every((one) => one !== undefined)) {
    return single((env, input) => {
      let text = "";
      for (const piece of ones) text += typeof piece === "string" ? piece : write(piece(env, input), env.run);
      env.run.spendLength(text.length);
      return text;
    });
  }
  // The last interpolation changes slowest.
  const fill = (env: Env, input: Json, after: string, count: number, emit: (text: string) => void): void => {
    const piece = pieces[count - 1];
    if (piece === undefined) emit(after);
    else if (typeof piece === "string") fill(env, input, piece + after, count - 1, emit);
    else piece.each(env, input, (value) => fill(env, input, write(value, env.run) + after, count - 1, emit));
  };
  return several((env, input, emit) => fill(env, input, "", pieces.length, emit));
}
