import { asWorkflowError, WorkflowError } from "./error.ts";

/** What a client is told of a failure. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** True when the message was withheld: the log has it under `id`. */
  readonly isHidden: boolean;
}

/** What decides how much a client is told. */
export interface ErrorAnswerOptions {
  /** Finds the log line that belongs to a withheld message. */
  readonly id: string;
  /** Show messages that are otherwise withheld (`-dev`). */
  readonly isDevelopment: boolean;
}

/**
 * The answer for anything that was thrown. Messages of 4xx errors are for the client; those of 5xx are withheld, since
 * they may hold SQL, paths or values of others, and replaced by an id that the log carries.
 */
export function errorAnswer(thrown: unknown, options: ErrorAnswerOptions): ErrorAnswer {
  const error = asWorkflowError(thrown);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (error.retryAfterS !== undefined) headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterS)));
  // The rest of the body is not read: the connection is of no more use (RFC 9112 §9.6).
  if (error.code === "http.body_too_large") headers.connection = "close";
  const status = error.status === 499 ? 503 : error.status;
  const isHidden = status >= 500 && !options.isDevelopment;
  const message = isHidden ? (publicTexts[status] ?? "internal error") : shownMessage(error, options);
  const id = status >= 500 ? { id: options.id } : {};
  return { status, headers, body: { error: message, ...(isHidden ? {} : error.details), ...id }, isHidden };
}

/** What a client did wrong, without where in the configuration it was noticed: that is for the log. */
function shownMessage(error: WorkflowError, { isDevelopment }: ErrorAnswerOptions): string {
  let inner = error;
  if (isDevelopment) return inner.message;
  while (inner.isTrail && inner.cause instanceof WorkflowError) inner = inner.cause;
  return inner.message;
}

const publicTexts: Readonly<Record<number, string>> = {
  502: "a backend could not be reached",
  503: "the service is not available right now",
  504: "the request took too long",
};
