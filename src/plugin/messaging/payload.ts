import { messageOf, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { isPlainMap } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";

const encoder = new TextEncoder();

/** A value as the bytes of a message: text and bytes as they are, anything else as JSON. */
export function payloadOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return encoder.encode(typeof value === "string" ? value : encodeJson(value));
}

/** The bytes of a message as text. */
export function textOf(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}

/** What the bytes say as JSON, or their text when they are not JSON. */
export function jsonOrText(payload: Uint8Array): unknown {
  const text = textOf(payload);
  try {
    return parseJson(text);
  } catch {
    // Not JSON: a message may be any text.
    return text;
  }
}

/** The bytes as a JSON object. Throws `http.bad_json` with `problem` in front when they are anything else. */
export function jsonObject(payload: Uint8Array, problem: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(textOf(payload));
  } catch (error) {
    throw new WorkflowError("http.bad_json", `${problem}: ${messageOf(error)}`, { cause: error });
  }
  if (isPlainMap(value)) return value;
  throw new WorkflowError("http.bad_json", `${problem}: the message is not a JSON object`);
}
