import type { StatementName, StoreOperation, StoreRow, StoreValue } from "./statement.ts";

/** Where the engine keeps what must outlive the process. */
export interface Store {
  /**
   * Commits operations together, all or none, except that a guard which changes no row ends its group there. Groups
   * that are given in the same turn of the event loop share a transaction. Resolves when the commit is on the disk,
   * with the rows that each operation changed; an operation that a guard prevented has none. Rejects with
   * `store.failed`.
   */
  commit(group: readonly StoreOperation[]): Promise<readonly number[]>;
  /** Runs a statement that gives rows, and may change some: it waits for the commits before it. */
  rows(name: StatementName, ...values: readonly StoreValue[]): Promise<readonly StoreRow[]>;
  /** Commits what is waiting and closes. */
  close(): Promise<void>;
}
