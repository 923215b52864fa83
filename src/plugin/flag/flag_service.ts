import { WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import type { Flag, FlagAdmin, FlagChange, FlagDraft, FlagOverride, FlagRule } from "../../port/flag.ts";
import type { FlagResult, FlagService } from "../../port/service.ts";
import type { Clock } from "../../time/clock.ts";
import { formatRfc3339 } from "../../time/rfc3339.ts";
import { evaluateFlag, flagSource } from "./evaluate_flag.ts";
import { FlagStore, missingFlag } from "./flag_store.ts";
import { parseFlagValue } from "./flag_value.ts";

/** Results that are kept; chosen so that the cache stays below some megabytes. */
const cachedMax = 10_000;

/** Where the flags are and how they are served. */
export interface StoredFlagsOptions {
  readonly name: string;
  readonly path: string;
  /** How long a result is given again without a look at the store, in milliseconds. */
  readonly cacheTtlMs: number;
  readonly hasChangeStream: boolean;
  readonly clock: Clock;
}

interface CachedResult {
  readonly result: FlagResult;
  readonly expiresAt: number;
}

/** Evaluates and edits the flags of one SQLite file. */
export class StoredFlags implements FlagService, FlagAdmin {
  readonly #options: StoredFlagsOptions;
  readonly #cache = new Map<string, CachedResult>();
  readonly #listeners = new Set<(change: FlagChange) => void>();
  #store: FlagStore | undefined;

  constructor(options: StoredFlagsOptions) {
    this.#options = options;
  }

  open(): void {
    this.#store = new FlagStore(this.#options.path);
  }

  close(): void {
    this.#store?.close();
    this.#store = undefined;
  }

  async evaluate(key: string, user: string, attributes: Readonly<Record<string, string>>): Promise<FlagResult> {
    const { clock, cacheTtlMs } = this.#options;
    const subject = encodeJson([key, user, attributes]);
    const cached = this.#cache.get(subject);
    if (cached !== undefined && cached.expiresAt > clock.now()) return cached.result;
    const result = evaluateFlag(this.#open().load(key), { user, attributes });
    this.#cache.delete(subject);
    const [oldest] = this.#cache.keys();
    if (oldest !== undefined && this.#cache.size >= cachedMax) this.#cache.delete(oldest);
    this.#cache.set(subject, { result, expiresAt: clock.now() + cacheTtlMs });
    return result;
  }

  flags(): readonly Flag[] {
    return this.#open().list();
  }

  flag(key: string): Flag {
    return this.#open().load(key).flag;
  }

  createFlag(key: string, draft: FlagDraft): Flag {
    if (key === "") throw new WorkflowError("step.invalid_input", "a flag needs a key");
    if (this.#open().find(key) !== undefined)
      throw new WorkflowError("management.conflict", `flag "${key}" exists already`);
    const now = formatRfc3339(this.#options.clock.now());
    return this.#save({ ...freshFlag, ...draft, key, created_at: now, updated_at: now });
  }

  updateFlag(key: string, draft: FlagDraft): Flag {
    const updated_at = formatRfc3339(this.#options.clock.now());
    return this.#save({ ...this.flag(key), ...draft, updated_at });
  }

  deleteFlag(key: string): void {
    if (!this.#open().delete(key)) throw missingFlag(key);
    this.#cache.clear();
  }

  overrides(key: string): readonly FlagOverride[] {
    return this.#open().load(key).overrides;
  }

  replaceOverrides(key: string, overrides: readonly FlagOverride[]): void {
    const flag = this.flag(key);
    for (const { value } of overrides) parseFlagValue(flag.type, value);
    const places = overrides.map(({ scope, scope_key }) => `${scope} ${scope_key}`);
    if (new Set(places).size < places.length)
      throw new WorkflowError("step.invalid_input", "there are two overrides for the same user or group");
    this.#open().replaceOverrides(key, overrides);
    this.#changed(flag);
  }

  rules(key: string): readonly FlagRule[] {
    return this.#open().load(key).rules;
  }

  replaceRules(key: string, rules: readonly FlagRule[]): void {
    const flag = this.flag(key);
    for (const { serve_value } of rules) parseFlagValue(flag.type, serve_value);
    this.#open().replaceRules(key, rules);
    this.#changed(flag);
  }

  onChange(listener: (change: FlagChange) => void): (() => void) | undefined {
    if (!this.#options.hasChangeStream) return undefined;
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #save(flag: Flag): Flag {
    parseFlagValue(flag.type, flag.default_val);
    if (!(flag.percentage >= 0 && flag.percentage <= 100))
      throw new WorkflowError("step.invalid_input", `percentage must be from 0 to 100, got ${flag.percentage}`);
    this.#open().save(flag);
    this.#changed(flag);
    return flag;
  }

  /** An edit may concern every user, so nothing that was cached is good any more. */
  #changed({ key, type, default_val }: Flag): void {
    this.#cache.clear();
    const change = { key, type, value: parseFlagValue(type, default_val), source: flagSource };
    for (const listener of this.#listeners) listener(change);
  }

  #open(): FlagStore {
    if (this.#store !== undefined) return this.#store;
    throw new WorkflowError("module.failed", `featureflag.service "${this.#options.name}" is not started`);
  }
}

const freshFlag: Omit<Flag, "key" | "created_at" | "updated_at"> = {
  type: "boolean",
  description: "",
  enabled: true,
  default_val: "false",
  tags: [],
  percentage: 0,
};
