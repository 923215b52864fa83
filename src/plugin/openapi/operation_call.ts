import { messageOf, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { asMap, ownValue } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import { child, type Operation, type SpecDocument } from "./spec_document.ts";

/** A call that is ready to be sent. */
export interface OperationRequest {
  readonly url: URL;
  readonly init: { readonly method: string; readonly headers: Headers; readonly body?: string };
}

/** Finds an operation by its id. Throws `step.invalid_input`. */
export function findOperation(document: SpecDocument, operationId: string): Operation {
  const found = document.operations.find((operation) => operation.operationId === operationId);
  if (found !== undefined) return found;
  throw new WorkflowError("step.invalid_input", `operation "${operationId}" is not in the OpenAPI spec`);
}

/** The URL of the first server, relative to where the document came from. Throws `config.value` when there is none. */
export function serverUrl(document: SpecDocument, source: URL | undefined): URL {
  const servers = ownValue(document.root, "servers");
  const [first]: readonly unknown[] = Array.isArray(servers) ? servers : [];
  const written = ownValue(first, "url") ?? "/";
  const variables = asMap(ownValue(first, "variables"));
  const text = String(written).replaceAll(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = ownValue(variables[name], "default");
    return typeof value === "string" ? value : whole;
  });
  const url = URL.parse(text, source?.href);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new WorkflowError(
    "config.value",
    `the OpenAPI spec names no server with an http or https URL, only "${text}"`,
    {
      hint: "write an absolute URL under `servers` in the spec",
    },
  );
}

/**
 * Makes the request of an operation: data that the document has as parameters goes where they stand, and what is left
 * is the JSON body when the operation takes one. Throws `step.invalid_input` when a required parameter is missing.
 */
export function operationRequest(
  document: SpecDocument,
  operation: Operation,
  { base, data }: { readonly base: URL; readonly data: Readonly<Record<string, unknown>> },
): OperationRequest {
  const rest = new Map(Object.entries(data));
  const headers = new Headers({ accept: "application/json" });
  const query = new URLSearchParams();
  let { path } = operation;
  for (const { value: parameter } of operation.parameters) {
    const name = String(ownValue(parameter, "name"));
    const value = rest.get(name);
    if (value === undefined || value === null) {
      if (ownValue(parameter, "required") === true) throw missing(operation, name);
      continue;
    }
    rest.delete(name);
    switch (ownValue(parameter, "in")) {
      case "path":
        path = path.replaceAll(`{${name}}`, encodeURIComponent(textOf(value)));
        break;
      case "query":
        for (const item of Array.isArray(value) ? value : [value]) query.append(name, textOf(item));
        break;
      case "header":
        headers.set(name, textOf(value));
        break;
      case "cookie":
        headers.append("cookie", `${name}=${encodeURIComponent(textOf(value))}`);
        break;
    }
  }
  const url = new URL(base);
  url.pathname = base.pathname.replace(/\/$/, "") + path;
  url.search = query.toString();
  const { method } = operation;
  const takesBody = child(document.root, operation.located, "requestBody").value !== undefined;
  if (!takesBody || rest.size === 0) return { url, init: { method, headers } };
  headers.set("content-type", "application/json");
  return { url, init: { method, headers, body: encodeJson(Object.fromEntries(rest)) } };
}

function missing(operation: Operation, name: string): WorkflowError {
  const text = `operation "${operation.operationId}": required parameter "${name}" is missing`;
  return new WorkflowError("step.invalid_input", text);
}

function textOf(value: unknown): string {
  return typeof value === "object" ? encodeJson(value) : String(value);
}

/** The bytes of an answer, at most. */
const answerBytesMax = 10 * 1024 * 1024;

/** Sends a request and gives the answer, whose body is parsed when it is JSON. Throws `step.upstream`. */
export async function sendRequest(
  { url, init }: OperationRequest,
  signal: AbortSignal,
): Promise<{ readonly statusCode: number; readonly status: string; readonly body: unknown }> {
  try {
    const answer = await fetch(url, { ...init, signal, redirect: "manual" });
    const text = await readText(answer);
    const status = `${answer.status} ${answer.statusText}`.trim();
    return { statusCode: answer.status, status, body: parsedBody(answer, text) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof WorkflowError) throw error;
    throw new WorkflowError("step.upstream", `${url.host}: ${messageOf(error)}`, { cause: error });
  }
}

/** Reads an answer as text. Throws `step.upstream` for one of more than 10 MiB. */
export async function readText(answer: Response): Promise<string> {
  if (answer.body === null) return "";
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body) {
    length += chunk.byteLength;
    if (length > answerBytesMax) {
      throw new WorkflowError("step.upstream", `the answer is larger than ${answerBytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function parsedBody(answer: Response, text: string): unknown {
  if (text === "") return null;
  const isJson = /[/+]json\b/i.test(answer.headers.get("content-type") ?? "");
  if (!isJson) return text;
  try {
    return parseJson(text);
  } catch {
    // Announced as JSON and not JSON: the text is all there is.
    return text;
  }
}
