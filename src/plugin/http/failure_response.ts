import { messageOf, WorkflowError } from "../../error/error.ts";
import { errorAnswer } from "../../error/response.ts";
import type { Logger } from "../../log/logger.ts";
import type { Exchange } from "../../port/exchange.ts";

export interface FailureOptions {
  readonly isDevelopment: boolean;
  readonly log: Logger;
  readonly uuid: () => string;
}

/** The response for anything a handler threw. What is withheld from the client is logged under the same id. */
export function failureResponse(error: unknown, exchange: Exchange, options: FailureOptions): Response {
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
