import { definePort } from "../schema/field.ts";

/** What a store keeps under a key: values that JSON can hold. */
export type StoredDocument = Readonly<Record<string, unknown>>;

/** A store of documents by key. Documents given and taken are copies. */
export interface DocumentStore {
  get(key: string, signal: AbortSignal): Promise<StoredDocument | undefined>;
  /** Adds the document or replaces the one under the key. Throws `http.storage_full` when the store is full. */
  put(key: string, document: StoredDocument, signal: AbortSignal): Promise<void>;
  /** Does nothing when there is none. */
  delete(key: string, signal: AbortSignal): Promise<void>;
  /** The documents whose keys begin with the prefix, in the order of their keys, each with its key as `_key`. */
  query(filter: { readonly prefix: string }, signal: AbortSignal): Promise<readonly StoredDocument[]>;
}
/** The role of a document store. */
export const DocumentStore = definePort<DocumentStore>("document_store", "a document store");
