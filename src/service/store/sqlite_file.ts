import { Database, type Statement } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { faultPoint } from "../journal/fault_point.ts";
import { migrateSqlite } from "./migrate.ts";
import { type StatementName, statements, type StoreOperation, type StoreRow, type StoreValue } from "./statement.ts";

/** What came of one group: the changes of each operation, or why it was undone. */
export type GroupResult = readonly number[] | { readonly error: string };

type Prepared = Statement<Record<string, StoreValue>, StoreValue[]>;

/** The store's database file. All of it is synchronous; a thread of its own runs it in the server. */
export class SqliteFile {
  readonly #database: Database;
  readonly #lock: Database | undefined;
  readonly #prepared = new Map<StatementName, Prepared>();

  /** Opens or makes the file and takes it for this process alone. Throws when another process has it. */
  constructor(path: string) {
    this.#lock = path === ":memory:" ? undefined : takeLock(path);
    try {
      this.#database = new Database(path, { create: true });
      for (const pragma of pragmas) this.#database.run(pragma);
      faultPoint("store.before_migration");
      migrateSqlite(this.#database, Date.now());
      faultPoint("store.after_migration");
    } catch (error) {
      this.#lock?.close();
      throw error;
    }
  }

  /** Runs groups in one transaction. A group that fails is undone alone; the others are committed. */
  commit(groups: readonly (readonly StoreOperation[])[]): readonly GroupResult[] {
    try {
      faultPoint("store.before_commit");
      const results = this.#database.transaction(() => {
        const changed = groups.map((group) => this.#run(group));
        faultPoint("store.in_commit");
        return changed;
      });
      const committed = results.immediate();
      faultPoint("store.after_commit");
      return committed;
    } catch (error) {
      // One of them is at fault, or the disk is: apart, each has its own answer.
      if (groups.length > 1) return groups.flatMap((group) => this.commit([group]));
      return [{ error: textOf(error) }];
    }
  }

  rows(name: StatementName, values: readonly StoreValue[]): readonly StoreRow[] {
    return this.#prepare(name).all(...values);
  }

  close(): void {
    for (const statement of this.#prepared.values()) statement.finalize();
    this.#database.close();
    this.#lock?.close();
  }

  #run(group: readonly StoreOperation[]): readonly number[] {
    const changed: number[] = [];
    for (const [name, ...values] of group) {
      const { changes } = this.#prepare(name).run(...values);
      changed.push(changes);
      if (changes === 0 && "isGuard" in statements[name]) break;
    }
    return changed;
  }

  #prepare(name: StatementName): Prepared {
    let statement = this.#prepared.get(name);
    if (statement === undefined) {
      statement = this.#database.prepare<Record<string, StoreValue>, StoreValue[]>(numbered(statements[name].sql));
      this.#prepared.set(name, statement);
    }
    return statement;
  }
}

/** Numbers a statement's placeholders as SQLite does: `$2` alone would be counted by where it appears. */
function numbered(sql: string): string {
  return sql.replace(/\$(\d+)/g, "?$1");
}

/** With FULL, a commit is on the disk when it returns; in WAL mode a reader never waits for a writer. */
const pragmas: readonly string[] = [
  "pragma journal_mode = wal",
  "pragma synchronous = full",
  "pragma busy_timeout = 10000",
  "pragma cache_size = -8000",
  "pragma wal_autocheckpoint = 2000",
];

/**
 * Holds a lock beside the file until the process ends, however it ends: SQLite locks with the operating system's file
 * locks. The file itself stays open to others, such as a backup or a `database.workflow` module.
 */
function takeLock(path: string): Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  const lock = new Database(join(dirname(path), "workflow.lock"), { create: true });
  try {
    lock.run("pragma locking_mode = exclusive");
    lock.run("begin exclusive");
    return lock;
  } catch (error) {
    lock.close();
    if (/locked|busy/i.test(textOf(error)))
      throw new Error("another server uses this data directory", { cause: error });
    throw error;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
