import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { WorkflowError } from "../../error/error.ts";
import type { Flag, FlagOperator, FlagOverride, FlagRule, FlagType } from "../../port/flag.ts";

const schema = `
create table if not exists feature_flags (
  key text primary key,
  type text not null default 'boolean',
  description text not null default '',
  enabled integer not null default 1,
  default_val text not null default 'false',
  tags text not null default '[]',
  percentage real not null default 0,
  created_at text not null,
  updated_at text not null
);
create table if not exists flag_rules (
  id integer primary key autoincrement,
  flag_key text not null references feature_flags(key) on delete cascade,
  priority integer not null default 0,
  attribute text not null,
  operator text not null,
  value text not null,
  serve_value text not null
);
create index if not exists flag_rules_by_flag on flag_rules(flag_key, priority);
create table if not exists flag_overrides (
  id integer primary key autoincrement,
  flag_key text not null references feature_flags(key) on delete cascade,
  scope text not null,
  scope_key text not null,
  value text not null,
  unique(flag_key, scope, scope_key)
);`;

interface FlagRow {
  readonly key: string;
  readonly type: FlagType;
  readonly description: string;
  readonly enabled: number;
  readonly default_val: string;
  readonly tags: string;
  readonly percentage: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Everything that decides the value of one flag. */
export interface StoredFlag {
  readonly flag: Flag;
  readonly overrides: readonly FlagOverride[];
  readonly rules: readonly FlagRule[];
}

/** The flags in their SQLite file. All statements are indexed point operations, so they run on the main thread. */
export class FlagStore {
  readonly #database: Database;

  /** Opens the file and creates it, its folder and the tables when they are missing. */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#database = new Database(path, { create: true, readwrite: true, strict: true });
    for (const pragma of ["busy_timeout = 5000", "journal_mode = wal", "foreign_keys = on"])
      this.#database.run(`pragma ${pragma}`);
    this.#database.run(schema);
  }

  close(): void {
    this.#database.close();
  }

  list(): readonly Flag[] {
    return this.#database.query<FlagRow, []>("select * from feature_flags order by key").all().map(toFlag);
  }

  find(key: string): Flag | undefined {
    const row = this.#database.query<FlagRow, [string]>("select * from feature_flags where key = ?1").get(key);
    return row === null ? undefined : toFlag(row);
  }

  /** The flag with its overrides and rules; throws `module.not_found`. */
  load(key: string): StoredFlag {
    const flag = this.find(key);
    if (flag === undefined) throw missingFlag(key);
    return { flag, overrides: this.overrides(key), rules: this.rules(key) };
  }

  /** Inserts the flag or replaces everything but its overrides and rules. */
  save(flag: Flag): void {
    this.#database
      .query(
        `insert into feature_flags
           (key, type, description, enabled, default_val, tags, percentage, created_at, updated_at)
         values ($key, $type, $description, $enabled, $default_val, $tags, $percentage, $created_at, $updated_at)
         on conflict(key) do update set type = $type, description = $description, enabled = $enabled,
           default_val = $default_val, tags = $tags, percentage = $percentage, updated_at = $updated_at`,
      )
      .run({ ...flag, enabled: flag.enabled ? 1 : 0, tags: JSON.stringify(flag.tags) });
  }

  delete(key: string): boolean {
    return this.#database.query("delete from feature_flags where key = ?1").run(key).changes > 0;
  }

  overrides(key: string): readonly FlagOverride[] {
    const sql = "select scope, scope_key, value from flag_overrides where flag_key = ?1 order by id";
    return this.#database.query<FlagOverride, [string]>(sql).all(key);
  }

  replaceOverrides(key: string, overrides: readonly FlagOverride[]): void {
    const insert = this.#database.query(
      "insert into flag_overrides(flag_key, scope, scope_key, value) values (?1, ?2, ?3, ?4)",
    );
    this.#database.transaction(() => {
      this.#database.query("delete from flag_overrides where flag_key = ?1").run(key);
      for (const { scope, scope_key, value } of overrides) insert.run(key, scope, scope_key, value);
    })();
  }

  rules(key: string): readonly FlagRule[] {
    const sql = `select priority, attribute, operator, value, serve_value
      from flag_rules where flag_key = ?1 order by priority, id`;
    return this.#database.query<FlagRule, [string]>(sql).all(key);
  }

  replaceRules(key: string, rules: readonly FlagRule[]): void {
    const insert = this.#database.query<unknown, [string, number, string, FlagOperator, string, string]>(
      `insert into flag_rules(flag_key, priority, attribute, operator, value, serve_value)
       values (?1, ?2, ?3, ?4, ?5, ?6)`,
    );
    this.#database.transaction(() => {
      this.#database.query("delete from flag_rules where flag_key = ?1").run(key);
      for (const rule of rules)
        insert.run(key, rule.priority, rule.attribute, rule.operator, rule.value, rule.serve_value);
    })();
  }
}

/** The error for a flag that does not exist. */
export function missingFlag(key: string): WorkflowError {
  return new WorkflowError("module.not_found", `flag "${key}" not found: no such flag`);
}

function toFlag(row: FlagRow): Flag {
  const tags: unknown = JSON.parse(row.tags);
  return { ...row, enabled: row.enabled !== 0, tags: Array.isArray(tags) ? tags.map(String) : [] };
}
