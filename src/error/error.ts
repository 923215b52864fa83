import { catalog, type ErrorCode } from "./catalog.ts";

/** A place in a configuration file. Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** How a failed operation may be tried again. */
export type Retry = "never" | "backoff" | "after";

/** The facts of an error beside its code and message. */
export interface WorkflowErrorOptions {
  /** Where in the configuration the problem lies; the first position is the main one. */
  readonly at?: readonly Position[] | undefined;
  /** What the reader can do about it; replaces the catalogue's hint. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** HTTP status when it differs from the catalogue's. */
  readonly status?: number | undefined;
  /** Seconds a client should wait, sent as `Retry-After` (RFC 9110 §10.2.3). */
  readonly retryAfterS?: number | undefined;
  /** Facts that a client may see beside the message, such as the list of invalid fields. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** The message only says where its cause was noticed: a trail for the log, which clients are not told. */
  readonly isTrail?: boolean | undefined;
}

/** The one error class of the program. The code is a key of `docs/errors.md`. */
export class WorkflowError extends Error {
  readonly code: ErrorCode;
  readonly at: readonly Position[];
  readonly hint: string | undefined;
  readonly status: number;
  readonly retry: Retry;
  readonly retryAfterS: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly isTrail: boolean;

  constructor(code: ErrorCode, message: string, options: WorkflowErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const entry = catalog[code];
    this.name = "WorkflowError";
    this.code = code;
    this.at = options.at ?? [];
    this.hint = options.hint ?? entry.hint;
    this.status = options.status ?? entry.status;
    this.retry = entry.retry;
    this.retryAfterS = options.retryAfterS;
    this.details = options.details;
    this.isTrail = options.isTrail === true;
  }
}

/** Every problem of one configuration at once: file by file, from the top of each. */
export class ConfigErrors extends WorkflowError {
  readonly problems: readonly WorkflowError[];
  /** What was found beside them that does not keep the configuration from being used. */
  readonly warnings: readonly WorkflowError[];
  readonly prefix: string;

  constructor(problems: readonly WorkflowError[], prefix = "", warnings: readonly WorkflowError[] = []) {
    const sorted = inFileOrder(problems);
    super("config.invalid", prefix + summarize(sorted), {
      at: sorted.flatMap((problem) => problem.at.slice(0, 1)),
    });
    this.name = "ConfigErrors";
    this.problems = sorted;
    this.warnings = warnings;
    this.prefix = prefix;
  }
}

/** Files in the order they first occur; within one by line and column. Problems without a place come first. */
export function inFileOrder(problems: readonly WorkflowError[]): readonly WorkflowError[] {
  const files = new Map<string, number>();
  for (const { at } of problems) if (at[0] !== undefined && !files.has(at[0].file)) files.set(at[0].file, files.size);
  const rank = ({ at }: WorkflowError) => (at[0] === undefined ? -1 : (files.get(at[0].file) ?? 0));
  return [...problems].sort((a, b) => {
    const [left, right] = [a.at[0], b.at[0]];
    return rank(a) - rank(b) || (left?.line ?? 0) - (right?.line ?? 0) || (left?.column ?? 0) - (right?.column ?? 0);
  });
}

function summarize(problems: readonly WorkflowError[]): string {
  const [first] = problems;
  if (problems.length === 1 && first !== undefined) return first.message;
  const lines = problems.map((problem) => `\n  - ${problem.message}`).join("");
  return `config validation failed with ${problems.length} error(s):${lines}`;
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Turns anything that was thrown into a `WorkflowError`, keeping the original as its cause. */
export function asWorkflowError(thrown: unknown, code: ErrorCode = "internal.unexpected"): WorkflowError {
  return thrown instanceof WorkflowError ? thrown : new WorkflowError(code, messageOf(thrown), { cause: thrown });
}

/** Adds context in front of a message, keeping code, position, status and hint of the cause, and all its problems. */
export function prefixed(prefix: string, thrown: unknown, code: ErrorCode = "internal.unexpected"): WorkflowError {
  if (thrown instanceof ConfigErrors) {
    return new ConfigErrors(thrown.problems, prefix + thrown.prefix, thrown.warnings);
  }
  const cause = asWorkflowError(thrown, code);
  return new WorkflowError(cause.code, prefix + cause.message, {
    at: cause.at,
    hint: cause.hint,
    cause,
    status: cause.status,
    retryAfterS: cause.retryAfterS,
    details: cause.details,
  });
}

/** An error with a prefix that is for the log alone: clients are told the cause. */
export function trailed(prefix: string, thrown: unknown, code: ErrorCode = "internal.unexpected"): WorkflowError {
  const { at, hint, cause, status, retryAfterS, details, code: own, message } = prefixed(prefix, thrown, code);
  return new WorkflowError(own, message, { at, hint, cause, status, retryAfterS, details, isTrail: true });
}

/** The same error with a place, for one that was thrown without knowing it. */
export function placed(error: WorkflowError, at: Position): WorkflowError {
  if (error.at.length > 0) return error;
  return new WorkflowError(error.code, error.message, {
    at: [at],
    hint: error.hint,
    cause: error.cause,
    status: error.status,
    retryAfterS: error.retryAfterS,
    details: error.details,
  });
}

/** States an invariant that only a bug can break. `why` says what makes it hold. */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new WorkflowError("internal.invariant", `invariant broken: ${why}`);
}

/** Marks a branch that the type checker proves unreachable. */
export function unreachable(value: never): never {
  throw new WorkflowError("internal.invariant", `unexpected value: ${JSON.stringify(value)}`);
}
