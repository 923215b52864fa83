import { messageOf, WorkflowError } from "../error/error.ts";

/** A place in a template that can fail while it is rendered. Made when the template is compiled. */
export interface Site {
  readonly text: string;
  readonly offset: number;
  readonly end: number;
  /** Name of the `define` block that the place is in; empty for the main template. */
  readonly templateName: string;
}

/** A template that cannot be parsed. The message has the line; `details.offset` has the character. */
export function syntaxError(text: string, offset: number, message: string, hint?: string): WorkflowError {
  const { line } = placeOf(text, offset);
  return new WorkflowError("step.template", `template parse error: template: :${line}: ${message}`, {
    hint,
    details: { offset },
  });
}

/** A template that cannot be rendered with the data at hand. Lines and columns count from 1. */
export function executionError(site: Site, message: string, cause?: unknown): WorkflowError {
  const { line, column } = placeOf(site.text, site.offset);
  const where = `template: :${line}:${column}: executing "${site.templateName}" at <${excerpt(site)}>`;
  const full = `template exec error: ${where}: ${message}`;
  if (!(cause instanceof WorkflowError) || cause.code === "step.template") {
    return new WorkflowError("step.template", full, { cause, details: { offset: site.offset } });
  }
  // A function's own failure, such as a provider that cannot be asked, keeps its code and retry class.
  const { hint, status, retryAfterS } = cause;
  const details = { ...cause.details, offset: site.offset };
  return new WorkflowError(cause.code, full, { cause, hint, status, retryAfterS, details });
}

/** An error thrown by a function, with the place of its call. */
export function callError(site: Site, name: string, thrown: unknown): WorkflowError {
  return executionError(site, `error calling ${name}: ${messageOf(thrown)}`, thrown);
}

/** Puts a place to an error that was thrown by one operation of a template. */
export function located(site: Site, thrown: unknown): WorkflowError {
  return executionError(site, messageOf(thrown), thrown);
}

/** A refusal by a built-in rule; the caller adds the place. */
export function refusal(message: string): WorkflowError {
  return new WorkflowError("step.template", message);
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}

function excerpt(site: Site): string {
  const written = site.text.slice(site.offset, site.end).trim();
  return written.length > 40 ? `${written.slice(0, 40)}...` : written;
}
