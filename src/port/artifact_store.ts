import { definePort } from "../schema/field.ts";

/** What a store knows of an artifact. */
export interface Artifact {
  readonly key: string;
  readonly sizeBytes: number;
  /** When its content was written, in epoch milliseconds. */
  readonly modifiedMs: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Content on its way; it is read once. */
export type Content = AsyncIterable<Uint8Array>;

/** What an upload comes with. */
export interface UploadOptions {
  readonly metadata: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * Keeps artifacts under keys such as `builds/42/app.zip`. A key that would lead out of the store is refused with
 * `step.invalid_input`. Readers see an artifact whole: the old content or the new.
 */
export interface ArtifactStore {
  readonly name: string;
  /** Replaces what was there. */
  upload(key: string, content: Content, options: UploadOptions): Promise<Artifact>;
  /** Throws `module.not_found`. The content must be read or given up before long: it holds a file or connection. */
  download(key: string, signal: AbortSignal): Promise<{ readonly artifact: Artifact; readonly content: Content }>;
  /** The artifacts whose keys begin with the text, in the order of their keys. */
  list(prefix: string, signal: AbortSignal): Promise<readonly Artifact[]>;
  /** Deleting what is not there succeeds: the attempt before may have done it. */
  delete(key: string, signal: AbortSignal): Promise<void>;
  exists(key: string, signal: AbortSignal): Promise<boolean>;
}
export const ArtifactStore = definePort<ArtifactStore>("artifact_store", "an artifact store");
