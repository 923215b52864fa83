import { encodeJsonLine } from "../json/encode.ts";

/** An answer in JSON. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(encodeJsonLine(body), { status, headers: { "content-type": "application/json", ...headers } });
}
