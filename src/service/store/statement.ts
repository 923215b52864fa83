import { runStatements } from "../journal/statement.ts";

/** One SQL statement of the program, with `$1…$n` for its values. */
export interface StatementText {
  readonly sql: string;
  /** Changing no row ends the group it stands in: what follows it must not happen without it. */
  readonly isGuard?: true;
}

/** Every statement that the store runs, by name. Both sides of the thread boundary see the same list. */
export const statements = runStatements satisfies Readonly<Record<string, StatementText>>;

/** The name of a statement. */
export type StatementName = keyof typeof statements;

/** A value that both databases take and give. */
export type StoreValue = string | number | null;

/** A row, by column name. */
export type StoreRow = Readonly<Record<string, StoreValue>>;

/** A statement with its values. */
export type StoreOperation = readonly [name: StatementName, ...values: StoreValue[]];
