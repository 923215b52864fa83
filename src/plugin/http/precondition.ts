/** What identifies the current state of a resource. */
export interface Validators {
  /** With its quotes; strong. */
  readonly etag: string;
  /** Epoch seconds. */
  readonly modifiedS: number;
}

/** What the conditions of a GET or HEAD request lead to, in the order of RFC 9110 §13.2.2. */
export function checkPreconditions(headers: Headers, current: Validators): "go_on" | "not_modified" | "failed" {
  const match = headers.get("if-match");
  if (match !== null) {
    if (!listsTag(match, current.etag, "strong")) return "failed";
  } else {
    const unmodified = secondsOf(headers.get("if-unmodified-since"));
    if (unmodified !== undefined && current.modifiedS > unmodified) return "failed";
  }
  const noneMatch = headers.get("if-none-match");
  if (noneMatch !== null) return listsTag(noneMatch, current.etag, "weak") ? "not_modified" : "go_on";
  const modified = secondsOf(headers.get("if-modified-since"));
  return modified !== undefined && current.modifiedS <= modified ? "not_modified" : "go_on";
}

/** Whether a `Range` still means the same resource (RFC 9110 §13.1.5); true without `If-Range`. */
export function rangeApplies(headers: Headers, current: Validators): boolean {
  const condition = headers.get("if-range");
  if (condition === null) return true;
  if (condition.includes('"')) return condition.trim() === current.etag;
  return secondsOf(condition) === current.modifiedS;
}

function listsTag(header: string, etag: string, comparison: "strong" | "weak"): boolean {
  if (header.trim() === "*") return true;
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (comparison === "weak" ? tag.replace(/^W\//, "") : tag) === etag);
}

function secondsOf(date: string | null): number | undefined {
  const ms = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
