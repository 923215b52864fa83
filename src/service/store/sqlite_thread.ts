import { type GroupResult, SqliteFile } from "./sqlite_file.ts";
import type { StatementName, StoreOperation, StoreRow, StoreValue } from "./statement.ts";

/** A statement that gives rows, with its values. */
export type StoreRead = readonly [name: StatementName, values: readonly StoreValue[]];

/** Rows, or why there are none. */
export type ReadResult = readonly StoreRow[] | { readonly error: string };

/** What the store asks of its thread. The groups of `work` are committed in one transaction; then come the reads. */
export type StoreRequest =
  | { readonly id: number; readonly kind: "open"; readonly path: string }
  | {
      readonly id: number;
      readonly kind: "work";
      readonly groups: readonly (readonly StoreOperation[])[];
      readonly reads: readonly StoreRead[];
    }
  | { readonly id: number; readonly kind: "close" };

/** What the thread answers. */
export type StoreReply =
  | { readonly id: number; readonly kind: "done" }
  | {
      readonly id: number;
      readonly kind: "worked";
      readonly committed: readonly GroupResult[];
      readonly rows: readonly ReadResult[];
    }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };

/** Answers requests about one file. */
export class StoreThread {
  #file: SqliteFile | undefined;

  reply(request: StoreRequest): StoreReply {
    const { id } = request;
    try {
      switch (request.kind) {
        case "open":
          this.#file = new SqliteFile(request.path);
          return { id, kind: "done" };
        case "work": {
          const { groups, reads } = request;
          const file = this.#opened();
          const committed = groups.length === 0 ? [] : file.commit(groups);
          return { id, kind: "worked", committed, rows: reads.map((read) => rowsOf(file, read)) };
        }
        case "close":
          this.#file?.close();
          this.#file = undefined;
          return { id, kind: "done" };
      }
    } catch (error) {
      return { id, kind: "failed", message: textOf(error) };
    }
  }

  #opened(): SqliteFile {
    if (this.#file === undefined) throw new Error("the store is not open");
    return this.#file;
  }
}

function rowsOf(file: SqliteFile, [name, values]: StoreRead): ReadResult {
  try {
    return file.rows(name, values);
  } catch (error) {
    return { error: textOf(error) };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const thread = new StoreThread();

/** Answers for the one file of a worker. */
export function reply(request: StoreRequest): StoreReply {
  return thread.reply(request);
}
