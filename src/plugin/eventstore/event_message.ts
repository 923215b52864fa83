import type { ExecutionFilter, StoredEvent } from "../../port/event_store.ts";

/** An event on its way into the file. */
export interface WrittenEvent {
  readonly id: string;
  readonly run: string;
  readonly type: string;
  /** JSON text. */
  readonly data: string;
  /** RFC 3339. */
  readonly at: string;
}

/** What the thread of the file is asked. */
export type EventRequest =
  | { readonly id: number; readonly kind: "open"; readonly path: string }
  | { readonly id: number; readonly kind: "append"; readonly events: readonly WrittenEvent[] }
  | { readonly id: number; readonly kind: "events"; readonly run: string }
  | { readonly id: number; readonly kind: "executions"; readonly filter: ExecutionFilter }
  | { readonly id: number; readonly kind: "prune"; readonly before: string }
  | { readonly id: number; readonly kind: "close" };

/** What the thread answers. */
export type EventReply =
  | { readonly id: number; readonly kind: "done" }
  | { readonly id: number; readonly kind: "events"; readonly events: readonly StoredEvent[] }
  | { readonly id: number; readonly kind: "pruned"; readonly executions: number }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };
