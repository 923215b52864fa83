import type { SqlValue } from "../../port/service.ts";

/** How a connection opens its database. */
export interface SqliteOpenOptions {
  /** Absolute path, or `:memory:`. */
  readonly path: string;
  readonly access: "create" | "write" | "read";
  /** Statements that prepare the connection, in order. */
  readonly pragmas: readonly string[];
}

/** What a connection is asked to do. It answers each request once, in order. */
export type SqliteRequest =
  | { readonly kind: "open"; readonly options: SqliteOpenOptions }
  | { readonly kind: "query"; readonly sql: string; readonly values: readonly SqlValue[] }
  | { readonly kind: "execute"; readonly sql: string; readonly values: readonly SqlValue[] }
  | { readonly kind: "close" };

/** The answer to a request. */
export type SqliteReply =
  | { readonly kind: "ready" }
  | { readonly kind: "rows"; readonly rows: readonly Record<string, unknown>[] }
  | { readonly kind: "done"; readonly affectedRows: number; readonly lastId: string }
  | { readonly kind: "failed"; readonly message: string };
