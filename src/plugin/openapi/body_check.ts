import { messageOf } from "../../error/error.ts";
import { asMap, ownValue } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import type { Exchange } from "../../port/exchange.ts";
import { bodyMessages } from "./schema_message.ts";
import type { Check, SchemaChecker } from "./schema_checker.ts";
import { child, type Located } from "./spec_document.ts";

/** What is wrong with a body, and the status that says so. */
export interface BodyFault {
  readonly status: 400 | 413 | 415;
  readonly errors: readonly string[];
}

/** Reads the body of a request and says what is wrong with it. */
export type BodyCheck = (exchange: Exchange) => Promise<BodyFault | undefined>;

/** Bodies up to this size are told everything that is wrong with them, larger ones the first thing: lists grow long. */
const thoroughBytesMax = 16 * 1024;

/** Makes the check of the bodies of an operation; undefined when it takes none. */
export function compileBody(
  root: Record<string, unknown>,
  operation: Located,
  { checker, bytesMax }: { readonly checker: SchemaChecker; readonly bytesMax: number },
): BodyCheck | undefined {
  const body = child(root, operation, "requestBody");
  if (body.value === undefined) return undefined;
  const isRequired = ownValue(body.value, "required") === true;
  const content = child(root, body, "content");
  const types = Object.keys(asMap(content.value)).map((text) => ({ text, type: mediaType(text) }));
  const checks = new Map(
    types.map(({ text, type }) => [type, checker.compile(child(root, child(root, content, text), "schema"))]),
  );
  const defined = types.map(({ text }) => text).join(", ");
  return async (exchange) => {
    const bytes = exchange.hasBody ? await exchange.bytes() : new Uint8Array();
    if (bytes.byteLength === 0) {
      return isRequired ? { status: 400, errors: ["request body is required but missing"] } : undefined;
    }
    if (bytes.byteLength > bytesMax) return tooLarge(bytesMax);
    const written = exchange.headers.get("content-type") ?? "";
    const matched = matchType(types, mediaType(written));
    if (matched === undefined) {
      return types.length === 0
        ? undefined
        : { status: 415, errors: [`unsupported Content-Type "${written}"; spec defines: ${defined}`] };
    }
    return isJson(mediaType(written)) ? checkJson(bytes, checks.get(matched)) : undefined;
  };
}

/** The fault of a body of more than the bytes that are taken. */
export function tooLarge(bytesMax: number): BodyFault {
  return { status: 413, errors: [`request body exceeds maximum allowed size of ${bytesMax} bytes`] };
}

function checkJson(bytes: Uint8Array, check: Check | undefined): BodyFault | undefined {
  let value: unknown;
  try {
    value = parseJson(new TextDecoder().decode(bytes));
  } catch (error) {
    const reason = messageOf(error).replace(/^invalid JSON /, "");
    return { status: 400, errors: [`request body contains invalid JSON: ${reason}`] };
  }
  const errors = check?.(value, bytes.byteLength <= thoroughBytesMax ? "all" : "first") ?? [];
  return errors.length === 0 ? undefined : { status: 400, errors: bodyMessages(errors) };
}

/** The type without parameters, in lower case (RFC 9110 §8.3.1). */
function mediaType(text: string): string {
  return (text.split(";")[0] ?? "").trim().toLowerCase();
}

function isJson(type: string): boolean {
  return type === "application/json" || type.endsWith("+json");
}

// The most specific of the types that a document lists: the type itself, all of its kind, and then any.
function matchType(types: readonly { readonly type: string }[], wanted: string): string | undefined {
  const [main = ""] = wanted.split("/");
  return [wanted, `${main}/*`, "*/*"].find((candidate) => types.some(({ type }) => type === candidate));
}
