import { encodeJsonLine } from "../../json/encode.ts";

/** A response with a JSON body, one line. */
export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(encodeJsonLine(value), { status, headers: { "content-type": "application/json", ...headers } });
}

/** A response that says what is wrong: `{"error": "…"}`. */
export function jsonFailure(status: number, error: string): Response {
  return jsonAnswer(status, { error });
}
