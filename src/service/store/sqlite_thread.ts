import { type GroupResult, SqliteFile } from "./sqlite_file.ts";
import type { StatementName, StoreOperation, StoreRow, StoreValue } from "./statement.ts";

/** What the store asks of its thread. */
export type StoreRequest =
  | { readonly id: number; readonly kind: "open"; readonly path: string }
  | { readonly id: number; readonly kind: "commit"; readonly groups: readonly (readonly StoreOperation[])[] }
  | { readonly id: number; readonly kind: "rows"; readonly name: StatementName; readonly values: readonly StoreValue[] }
  | { readonly id: number; readonly kind: "close" };

/** What the thread answers. */
export type StoreReply =
  | { readonly id: number; readonly kind: "done" }
  | { readonly id: number; readonly kind: "committed"; readonly results: readonly GroupResult[] }
  | { readonly id: number; readonly kind: "rows"; readonly rows: readonly StoreRow[] }
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
        case "commit":
          return { id, kind: "committed", results: this.#opened().commit(request.groups) };
        case "rows":
          return { id, kind: "rows", rows: this.#opened().rows(request.name, request.values) };
        case "close":
          this.#file?.close();
          this.#file = undefined;
          return { id, kind: "done" };
      }
    } catch (error) {
      return { id, kind: "failed", message: error instanceof Error ? error.message : String(error) };
    }
  }

  #opened(): SqliteFile {
    if (this.#file === undefined) throw new Error("the store is not open");
    return this.#file;
  }
}

const thread = new StoreThread();

/** Answers for the one file of a worker. */
export function reply(request: StoreRequest): StoreReply {
  return thread.reply(request);
}
