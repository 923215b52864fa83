import { messageOf, WorkflowError } from "../../error/error.ts";

/**
 * Frozen headers of a response, under lower-case names; written ones replace the content type. Throws `config.value`
 * for what HTTP does not allow in a header, so that no request meets it.
 */
export function responseHeaders(
  written: Readonly<Record<string, string>>,
  contentType: string,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { "content-type": contentType };
  for (const [name, value] of Object.entries(written)) {
    try {
      new Headers({ [name]: value });
    } catch (error) {
      throw new WorkflowError("config.value", `header ${JSON.stringify(name)}: ${messageOf(error)}`, { cause: error });
    }
    headers[name.toLowerCase()] = value;
  }
  return Object.freeze(headers);
}

/** Whether responses of a status never have a body (RFC 9110 §6.4.1, §15.3.6). */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}
