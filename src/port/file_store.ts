import { definePort } from "../schema/field.ts";
import type { Content } from "./artifact_store.ts";

/** A file or folder of a store. */
export interface FileEntry {
  readonly name: string;
  /** From the root of the store, with `/`. */
  readonly path: string;
  readonly kind: "file" | "folder";
  /** 0 for folders. */
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/**
 * Files below one root, by relative paths with `/`. A path that would leave the root is refused with
 * `step.invalid_input`, and what is not there with `module.not_found`.
 */
export interface FileStore {
  /** What stands in a folder, by name. An empty path is the root. */
  list(path: string): Promise<readonly FileEntry[]>;
  get(path: string, signal: AbortSignal): Promise<Content>;
  /** Replaces the file whole, and creates the folders above it. */
  put(path: string, content: Content, signal: AbortSignal): Promise<void>;
  /** Deletes a file or an empty folder. */
  delete(path: string): Promise<void>;
  stat(path: string): Promise<FileEntry>;
  mkdir(path: string): Promise<void>;
}
export const FileStore = definePort<FileStore>("file_store", "a file store");
