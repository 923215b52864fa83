import { blobReference } from "./blob.ts";
import { decodeValue } from "./payload.ts";

/** The value of a column as it is shown; one that is kept apart is shown as its reference. */
export function shownValue(column: string): unknown {
  const reference = blobReference(column);
  return reference === undefined ? decodeValue(column) : { blob: reference.$blob, length: reference.length };
}
