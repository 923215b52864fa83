import { createHash } from "node:crypto";
import { messageOf, WorkflowError } from "../../error/error.ts";
import type { Flag, FlagOperator } from "../../port/flag.ts";
import type { FlagResult } from "../../port/service.ts";
import type { StoredFlag } from "./flag_store.ts";
import { offValue, parseFlagValue } from "./flag_value.ts";

/** For whom a flag is evaluated. */
export interface FlagSubject {
  readonly user: string;
  /** `groups` is a list with commas; rules see every attribute, and the user as `user`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The name of the one provider, as results and change events carry it. */
export const flagSource = "generic";

/**
 * The value of a flag: its default while it is disabled, else the first that applies of user override, group override,
 * rule by priority, rollout and default.
 */
export function evaluateFlag({ flag, overrides, rules }: StoredFlag, subject: FlagSubject): FlagResult {
  const { key, type } = flag;
  const result = (value: unknown, reason: string): FlagResult => ({ key, value, type, source: flagSource, reason });
  const fromText = (text: string, reason: string) => result(storedValue(flag, text), reason);
  if (!flag.enabled) return fromText(flag.default_val, "disabled");
  const forUser = overrides.find(({ scope, scope_key }) => scope === "user" && scope_key === subject.user);
  if (forUser !== undefined) return fromText(forUser.value, "user_override");
  const groups = listOf(attribute(subject, "groups") ?? "");
  const forGroup = overrides.find(({ scope, scope_key }) => scope === "group" && groups.includes(scope_key));
  if (forGroup !== undefined) return fromText(forGroup.value, "group_override");
  const rule = rules.find((candidate) => {
    const actual = attribute(subject, candidate.attribute);
    return actual !== undefined && compare(candidate.operator, actual, candidate.value);
  });
  if (rule !== undefined) return fromText(rule.serve_value, "targeting_rule");
  if (flag.percentage <= 0) return fromText(flag.default_val, "default");
  if (bucketOf(subject.user, key) >= flag.percentage) return result(offValue(type), "percentage_rollout_out");
  // A switch is off by default, so being in the rollout must turn it on; other types roll out their default value.
  if (type === "boolean") return result(true, "percentage_rollout_in");
  return fromText(flag.default_val, "percentage_rollout_in");
}

/** Editors check values, so one that does not fit was written past them. */
function storedValue({ key, type }: Flag, text: string): unknown {
  try {
    return parseFlagValue(type, text);
  } catch (cause) {
    throw new WorkflowError("module.failed", `flag "${key}": ${messageOf(cause)}`, { cause });
  }
}

/** 0 to 99, always the same for a user and a flag. */
function bucketOf(user: string, key: string): number {
  return (
    createHash("sha256")
      .update(user + key)
      .digest()
      .readUInt32BE(0) % 100
  );
}

function attribute({ user, attributes }: FlagSubject, name: string): string | undefined {
  if (Object.hasOwn(attributes, name)) return attributes[name];
  return name === "user" ? user : undefined;
}

function compare(operator: FlagOperator, actual: string, wanted: string): boolean {
  switch (operator) {
    case "eq":
      return actual === wanted;
    case "neq":
      return actual !== wanted;
    case "in":
      return listOf(wanted).includes(actual);
    case "contains":
      return actual.includes(wanted);
    case "startsWith":
      return actual.startsWith(wanted);
    case "gt":
      return order(actual, wanted) > 0;
    case "lt":
      return order(actual, wanted) < 0;
  }
}

/** Numbers by size, anything else as text. */
function order(a: string, b: string): number {
  const [left, right] = [Number(a), Number(b)];
  if (a.trim() !== "" && b.trim() !== "" && !Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  return a < b ? -1 : a > b ? 1 : 0;
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
