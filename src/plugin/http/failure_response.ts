import { messageOf, WorkflowError } from "../../error/error.ts";
import { errorAnswer } from "../../error/response.ts";
import type { Logger } from "../../log/logger.ts";
import type { Exchange } from "../../port/exchange.ts";

/** What the answer to a failure needs beside the request. */
export interface FailureOptions {
  readonly isDevelopment: boolean;
  readonly log: Logger;
  readonly uuid: () => string;
}

/**
 * The response for anything a handler threw. What is withheld from the client is logged under the same id. A client
 * that went away is no failure: nobody reads the answer, whose status is the one that metrics of proxies know for it.
 */
export function failureResponse(error: unknown, exchange: Exchange, options: FailureOptions): Response {
  const isGone = error instanceof WorkflowError && error.code === "run.cancelled";
  if (isGone || exchange.request.signal.aborted) {
    options.log.debug("Client went away", { method: exchange.method, path: exchange.pattern, error: messageOf(error) });
    return new Response(null, { status: 499 });
  }
  const id = exchange.requestId ?? options.uuid();
  const answer = errorAnswer(error, { id, isDevelopment: options.isDevelopment });
  if (answer.isHidden) {
    const code = error instanceof WorkflowError ? error.code : "internal.unexpected";
    options.log.error("Request failed", {
      id,
      method: exchange.method,
      path: exchange.pattern,
      code,
      error: messageOf(error),
    });
  }
  return new Response(`${JSON.stringify(answer.body)}\n`, { status: answer.status, headers: answer.headers });
}
