import { WorkflowError } from "../../error/error.ts";
import type { StoreOperation } from "../store/statement.ts";

/** Longer texts are kept apart from their row, by the hash of their content. In UTF-16 units. */
export const inlineMax = 64 * 1024;

/** Longest text that is kept, in UTF-16 units. */
export const textMax = 256 * 1024 * 1024;

/** Length of the parts in which a long text is kept and read. */
const partLength = 256 * 1024;

/** What stands in a row for a long text. */
export interface BlobReference {
  readonly $blob: string;
  readonly length: number;
}

/** A text as a column keeps it, and what must be written beside it. */
export interface StoredText {
  readonly column: string;
  readonly operations: readonly StoreOperation[];
}

/** Splits a long text off. Throws `run.output_too_large`. */
export function storedText(run: string, text: string): StoredText {
  if (text.length <= inlineMax) return { column: text, operations: [] };
  if (text.length > textMax) {
    const size = Math.round(text.length / 1024 / 1024);
    const limit = textMax / 1024 / 1024;
    throw new WorkflowError(
      "run.output_too_large",
      `${size} MiB are more than the journal keeps of one value (${limit} MiB)`,
    );
  }
  const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  const operations: StoreOperation[] = [];
  for (let start = 0, part = 0; start < text.length; start += partLength, part++) {
    operations.push(["insertBlob", hash, part, text.slice(start, start + partLength)]);
  }
  operations.push(["insertBlobUse", run, hash]);
  const reference: BlobReference = { $blob: hash, length: text.length };
  return { column: JSON.stringify(reference), operations };
}

/** The reference that stands in a column, when the text itself is kept apart. */
export function blobReference(column: string): BlobReference | undefined {
  const match = /^\{"\$blob":"([0-9a-f]{64})","length":(\d+)\}$/.exec(column);
  return match === null ? undefined : { $blob: match[1] ?? "", length: Number(match[2]) };
}
