import { prefixed, WorkflowError } from "../../error/error.ts";
import { DocumentStore } from "../../port/document_store.ts";
import { type LateRef, lateRef } from "../../schema/field.ts";

/** The store that a step works on. */
export const storeField = lateRef(DocumentStore, { description: "Document store to use, such as a nosql.memory." });

/** The store when a step runs. Throws `run.missing_service`, with `prefix` before the message. */
export function storeOf(store: LateRef<DocumentStore>, prefix: string): DocumentStore {
  const service = store.find();
  if (service !== undefined) return service;
  throw new WorkflowError("run.missing_service", `${prefix}service ${JSON.stringify(store.name)} not found`);
}

/** Gives what the work gives, with `prefix` before the message of its failure. */
export async function within<T>(prefix: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw prefixed(prefix, error, "step.failed");
  }
}
