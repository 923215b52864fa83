import { WorkflowError } from "../../error/error.ts";

/** A request that an action stands for, before its input is known. */
export interface HttpAction {
  readonly method: string;
  readonly path: string;
}

/** A request with its input put in place. */
export interface HttpCall {
  readonly url: URL;
  readonly method: string;
  /** JSON, for methods that have a body. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** Splits `METHOD /path`. Throws `config.value`. */
export function parseHttpAction(action: string): HttpAction {
  const match = /^([A-Za-z]+)\s+(\S.*)$/.exec(action.trim());
  if (match === null) {
    throw new WorkflowError("config.value", `invalid action format: ${action} (expected 'METHOD /path')`);
  }
  return { method: (match[1] ?? "").toUpperCase(), path: match[2] ?? "" };
}

/**
 * Puts an input into a request: `{name}` in the path takes a value out of it, and the rest becomes the query of GET and
 * HEAD and the body of other methods. Throws `step.invalid_input` when the URL would leave the host of `baseUrl`.
 */
export function callOf({ method, path }: HttpAction, baseUrl: URL, input: Readonly<Record<string, unknown>>): HttpCall {
  const used = new Set<string>();
  const filled = path.replaceAll(/\{([^{}]+)\}/g, (written, name: string) => {
    if (!Object.hasOwn(input, name)) return written;
    used.add(name);
    return encodeSegment(textOf(input[name]));
  });
  const url = join(baseUrl, filled);
  const rest = Object.entries(input).filter(([name]) => !used.has(name));
  if (method !== "GET" && method !== "HEAD") return { url, method, body: Object.fromEntries(rest) };
  for (const [name, value] of rest) url.searchParams.set(name, textOf(value));
  return { url, method, body: undefined };
}

/** A value must stay one segment: `..` and `.` would be taken for a step up and for none. */
function encodeSegment(text: string): string {
  if (text !== "." && text !== ".." && text !== "") return encodeURIComponent(text);
  throw new WorkflowError("step.invalid_input", `"${text}" cannot be a segment of a path`);
}

function join(baseUrl: URL, path: string): URL {
  const base = baseUrl.href.replace(/[?#].*$/, "").replace(/\/+$/, "");
  const url = new URL(`${base}/${path.replace(/^\/+/, "")}`);
  if (url.host !== baseUrl.host || url.protocol !== baseUrl.protocol) {
    throw new WorkflowError("step.invalid_input", `request URL host must be ${baseUrl.host}, got ${url.host}`);
  }
  return url;
}

function textOf(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}
