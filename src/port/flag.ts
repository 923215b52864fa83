import { definePort } from "../schema/field.ts";

/** How the value of a flag is read from its text. */
export type FlagType = "boolean" | "string" | "integer" | "float" | "json";

/** A feature flag as it is stored. Values are texts; times are RFC 3339. */
export interface Flag {
  readonly key: string;
  readonly type: FlagType;
  readonly description: string;
  readonly enabled: boolean;
  readonly default_val: string;
  readonly tags: readonly string[];
  /** Share of the users for whom the flag is on, 0 to 100; 0 means no rollout. */
  readonly percentage: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What an editor may set of a flag; the rest keeps its value, or gets the default. */
export type FlagDraft = Partial<Omit<Flag, "key" | "created_at" | "updated_at">>;

/** A value for one user or group. */
export interface FlagOverride {
  readonly scope: "user" | "group";
  readonly scope_key: string;
  readonly value: string;
}

/** A value for everybody with a matching attribute; the lowest priority is tried first. */
export interface FlagRule {
  readonly priority: number;
  readonly attribute: string;
  readonly operator: FlagOperator;
  readonly value: string;
  readonly serve_value: string;
}

/** Comparisons of rules. */
export type FlagOperator = "eq" | "neq" | "in" | "contains" | "startsWith" | "gt" | "lt";

/** A flag with its default value as clients of a change stream see it. */
export interface FlagChange {
  readonly key: string;
  readonly value: unknown;
  readonly type: string;
  readonly source: string;
}

/**
 * Edits the flags of a service. Changes count for the next evaluation. Unknown keys throw `module.not_found`, values
 * that do not fit throw `step.invalid_input`.
 */
export interface FlagAdmin {
  flags(): readonly Flag[];
  flag(key: string): Flag;
  /** Throws `management.conflict` when the key is taken. */
  createFlag(key: string, draft: FlagDraft): Flag;
  updateFlag(key: string, draft: FlagDraft): Flag;
  deleteFlag(key: string): void;
  overrides(key: string): readonly FlagOverride[];
  replaceOverrides(key: string, overrides: readonly FlagOverride[]): void;
  rules(key: string): readonly FlagRule[];
  replaceRules(key: string, rules: readonly FlagRule[]): void;
  /** Told of every change, until the returned function is called; undefined when the service has no change stream. */
  onChange(listener: (change: FlagChange) => void): (() => void) | undefined;
}
export const FlagAdmin = definePort<FlagAdmin>("feature_flag_admin", "an editable feature flag service");
