import type { Exchange } from "../port/exchange.ts";
import { isPlainMap } from "../json/map.ts";

/** Longer answers are not kept for repetitions of a request, in UTF-16 units. */
const bodyMax = 64 * 1024;

/** The answer of a request as text, for repetitions of it; undefined when it cannot be kept. */
export function keptReply({ reply }: Exchange): string | undefined {
  if (reply === undefined || reply instanceof Response) return undefined;
  const { status, headers, body } = reply;
  if (body !== null && (typeof body !== "string" || body.length > bodyMax)) return undefined;
  return JSON.stringify({ status, headers, body });
}

/** Answers a request as the first one with its key was answered. */
export function repeatReply(exchange: Exchange, kept: string): void {
  const reply: unknown = JSON.parse(kept);
  if (!isPlainMap(reply)) return;
  const headers = isPlainMap(reply.headers) ? reply.headers : {};
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  const body = typeof reply.body === "string" ? reply.body : null;
  exchange.respond(Number(reply.status), { ...Object.fromEntries(texts), "idempotency-replayed": "true" }, body);
}
