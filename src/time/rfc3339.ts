/** Formats epoch milliseconds as RFC 3339 in UTC to the second, rounding down. Throws `RangeError` outside `Date`. */
export function formatRfc3339(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, -5)}Z`;
}

/**
 * Formats epoch milliseconds as RFC 3339 in UTC with as many fraction digits as are needed, none for a whole second.
 * Throws `RangeError` outside the range of `Date`.
 */
export function formatRfc3339Nano(epochMs: number): string {
  const text = new Date(epochMs).toISOString();
  return text.replace(/\.?0*Z$/, "Z");
}
