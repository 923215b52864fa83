import { WorkflowError } from "../error/error.ts";
import { jsonDepthMax } from "./depth.ts";
import { findJsonFault } from "./fault.ts";

/** Bounds on a JSON text from outside. */
export interface ParseJsonOptions {
  /** Most levels of lists and maps; 200 when absent. */
  readonly depthMax?: number | undefined;
}

/**
 * Parses a JSON text from outside. Throws `http.bad_json` with the line and column of the first mistake, or when the
 * text is nested too deeply. A key such as `__proto__` becomes an own property like any other.
 */
export function parseJson(text: string, options: ParseJsonOptions = {}): unknown {
  const depthMax = options.depthMax ?? jsonDepthMax;
  const tooDeepAt = findTooDeep(text, depthMax);
  if (tooDeepAt !== undefined) {
    throw badJson(text, tooDeepAt, `nested deeper than ${depthMax} levels`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const fault = findJsonFault(text);
    throw badJson(text, fault?.offset ?? text.length, fault?.reason ?? "not valid JSON", cause);
  }
}

function badJson(text: string, offset: number, reason: string, cause?: unknown): WorkflowError {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  const column = offset - before.lastIndexOf("\n");
  return new WorkflowError("http.bad_json", `invalid JSON at line ${line}, column ${column}: ${reason}`, {
    cause,
    details: { line, column },
  });
}

/** Offset of the bracket that opens one level too many. Counts brackets outside strings, before anything is built. */
function findTooDeep(text: string, depthMax: number): number | undefined {
  // A valid text needs two characters for each level.
  if (text.length <= depthMax * 2) return undefined;
  let depth = 0;
  for (let offset = 0; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (code === 0x22) {
      offset = endOfString(text, offset);
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > depthMax) return offset;
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    }
  }
  return undefined;
}

/** Offset of the quote that closes the string opened at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let offset = start + 1; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (code === 0x5c) offset++;
    else if (code === 0x22) return offset;
  }
  return text.length;
}
