import { WorkflowError } from "../error/error.ts";
import type { Exchange } from "./exchange.ts";

/** A page of a list. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
}

const limitMax = 1000;

/** Reads `limit` (1 to 1,000, else 50) and `offset`. Throws 400 for anything that is no whole number. */
export function pageOf(exchange: Exchange): Page {
  const limit = wholeNumber(exchange, "limit") ?? 50;
  return { limit: Math.min(Math.max(1, limit), limitMax), offset: wholeNumber(exchange, "offset") ?? 0 };
}

/** A whole number from 0 of the query, or undefined when it is absent. */
export function wholeNumber({ query }: Exchange, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new WorkflowError(
    "http.bad_request",
    `${name} must be a whole number, got ${JSON.stringify(text.slice(0, 40))}`,
  );
}

/** An RFC 3339 time of the query in epoch milliseconds, or undefined when it is absent. */
export function timeIn({ query }: Exchange, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return time;
  throw new WorkflowError(
    "http.bad_request",
    `${name} must be an RFC 3339 time, got ${JSON.stringify(text.slice(0, 40))}`,
  );
}

/** A text of the query, or undefined when it is absent or empty. */
export function textIn({ query }: Exchange, name: string): string | undefined {
  const text = query.get(name);
  return text === null || text === "" ? undefined : text;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The `id` of the path. Throws 400 unless it is a UUID. */
export function idIn({ params }: Exchange): string {
  const { id = "" } = params;
  if (uuid.test(id)) return id.toLowerCase();
  throw new WorkflowError("http.bad_request", "invalid id");
}
