import { messageOf, WorkflowError } from "../../../error/error.ts";

/** Most redirects that are followed. */
const redirectsMax = 10;

/** A request to another service. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  /** Most bytes of the answer's body. */
  readonly answerBytesMax: number;
  readonly signal: AbortSignal;
}

/** The answer, read completely. */
export interface OutboundAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Sends a request and follows redirects. Throws `step.upstream` with `request failed: …`, or with the code of what
 * the signal was aborted with.
 */
export async function sendOutbound(request: OutboundRequest): Promise<OutboundAnswer> {
  try {
    return await follow(request);
  } catch (error) {
    if (error instanceof WorkflowError && error.code !== "step.upstream") {
      throw new WorkflowError(error.code, `request failed: ${error.message}`, { cause: error });
    }
    throw new WorkflowError("step.upstream", `request failed: ${messageOf(error)}`, { cause: error });
  }
}

async function follow(request: OutboundRequest): Promise<OutboundAnswer> {
  let hop: Hop = { ...request, target: targetOf(request.url) };
  for (let redirects = 0; ; redirects++) {
    const { target, method, headers, body, signal } = hop;
    const options = { method, headers, signal, redirect: "manual" as const };
    const response = await fetch(target, body === undefined ? options : { ...options, body });
    const location = isRedirect(response.status) ? response.headers.get("location") : null;
    if (location === null) return read(response, request.answerBytesMax);
    await response.body?.cancel();
    if (redirects === redirectsMax) throw new WorkflowError("step.upstream", `stopped after ${redirectsMax} redirects`);
    hop = redirected(hop, targetOf(location, target), response.status);
  }
}

interface Hop extends OutboundRequest {
  readonly target: URL;
}

/** Every URL that is called passes here, those of redirects included: nothing but HTTP leaves the process. */
function targetOf(text: string, origin?: URL): URL {
  const target = URL.parse(text, origin?.href);
  if (target === null) throw new WorkflowError("step.upstream", `invalid URL ${JSON.stringify(text)}`);
  if (target.protocol === "http:" || target.protocol === "https:") return target;
  throw new WorkflowError(
    "step.upstream",
    `unsupported protocol scheme ${JSON.stringify(target.protocol.slice(0, -1))}`,
  );
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** The next request of a redirect (RFC 9110 §15.4). Credentials stay with the host they were meant for. */
function redirected(hop: Hop, target: URL, status: number): Hop {
  const headers = new Headers(hop.headers);
  if (target.host !== hop.target.host || (hop.target.protocol === "https:" && target.protocol === "http:")) {
    for (const name of ["authorization", "cookie", "proxy-authorization"]) headers.delete(name);
  }
  const becomesGet = status === 303 ? hop.method !== "HEAD" : status < 303 && hop.method === "POST";
  if (!becomesGet) return { ...hop, headers, target };
  headers.delete("content-type");
  return { ...hop, method: "GET", body: undefined, headers, target };
}

async function read(response: Response, bytesMax: number): Promise<OutboundAnswer> {
  const { status, statusText, headers, body } = response;
  const tooLarge = new WorkflowError("step.upstream", `the response is larger than ${bytesMax} bytes`);
  if (Number(headers.get("content-length") ?? "0") > bytesMax) {
    await body?.cancel();
    throw tooLarge;
  }
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    // Leaving the loop by an error cancels the rest of the body.
    if (length > bytesMax) throw tooLarge;
    text += decoder.decode(chunk, { stream: true });
  }
  return { status, statusText, headers, text: text + decoder.decode() };
}
