import type { StoreOperation } from "../store/statement.ts";

/** What is sent to a run from outside. */
export interface Signal {
  readonly id: string;
  readonly name: string;
  /** An encoded value, or the reference of a blob that the operations write. */
  readonly payload: string;
  readonly operations?: readonly StoreOperation[];
}
