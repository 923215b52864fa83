import { WorkflowError } from "../../error/error.ts";
import { isPlainMap } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import type { Exchange } from "../../port/exchange.ts";

/** Bytes of a request body that resources accept. */
const bodyBytesMax = 1024 * 1024;

/** The body as a JSON object. Throws `http.bad_request` with `refusal` for anything else, 413 for more than 1 MiB. */
export async function readObject(exchange: Exchange, refusal: string): Promise<Record<string, unknown>> {
  const value = await readOptionalObject(exchange, refusal);
  if (value === undefined) throw new WorkflowError("http.bad_request", refusal);
  return value;
}

/** The same, or undefined when there is no body. */
export async function readOptionalObject(
  exchange: Exchange,
  refusal: string,
): Promise<Record<string, unknown> | undefined> {
  if (!exchange.hasBody) return undefined;
  const bytes = await exchange.bytes();
  if (bytes.byteLength > bodyBytesMax) {
    throw new WorkflowError("http.body_too_large", `the request body is larger than ${bodyBytesMax} bytes`);
  }
  if (bytes.byteLength === 0) return undefined;
  const value = parsed(new TextDecoder().decode(bytes), refusal);
  if (!isPlainMap(value)) throw new WorkflowError("http.bad_request", refusal);
  return value;
}

function parsed(text: string, refusal: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new WorkflowError("http.bad_request", refusal, { cause: error });
  }
}
