import type { Database } from "bun:sqlite";
import { faultPoint } from "../journal/fault_point.ts";
import journal from "./migration/0001_journal.sql" with { type: "text" };

/**
 * The migrations in their order; a released one is never changed. They are written for both databases: `without rowid`,
 * which keeps a table in its primary key, is SQLite's, and is left out for others.
 */
const migrations: readonly { readonly name: string; readonly sql: string }[] = [{ name: "0001_journal", sql: journal }];

/** Brings a SQLite database to the newest schema. Each migration is one transaction, its row in it. */
export function migrateSqlite(database: Database, nowMs: number): void {
  database.run("create table if not exists engine_migration (name text primary key, applied_at bigint not null)");
  for (const { name, sql } of migrations) {
    database
      .transaction(() => {
        const insert = "insert into engine_migration (name, applied_at) values (?1, ?2) on conflict do nothing";
        // The row first: of two processes that migrate, one waits here and then has nothing to do.
        if (database.run(insert, [name, nowMs]).changes > 0) database.run(sql);
        faultPoint("store.in_migration");
      })
      .immediate();
  }
}
