import { ConfigErrors, type Position, type WorkflowError } from "./error.ts";

/** A problem as JSON, for editors and the admin UI. */
export interface ProblemFacts {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly hint?: string;
}

/** The facts of a problem: its code, text, first place and hint. */
export function problemFacts(problem: WorkflowError): ProblemFacts {
  const [at] = problem.at;
  return {
    code: problem.code,
    message: problem.message,
    ...(at === undefined ? {} : { file: at.file, line: at.line, column: at.column }),
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  };
}

function place({ file, line, column }: Position): string {
  return `${file}:${line}:${column}: `;
}

/** One line: `file:line:column: message (hint)`. */
export function formatProblem(problem: WorkflowError): string {
  const [at] = problem.at;
  const hint = problem.hint === undefined ? "" : ` (${problem.hint})`;
  return `${at === undefined ? "" : place(at)}${problem.message}${hint}`;
}

/** A failure for the terminal: one line per problem, each with its place and hint. */
export function formatFailure(error: WorkflowError): string {
  if (!(error instanceof ConfigErrors) || error.problems.length === 1) {
    const [only] = error instanceof ConfigErrors ? error.problems : [error];
    const [at] = only?.at ?? error.at;
    const hint = only?.hint === undefined ? "" : ` (${only.hint})`;
    return `${error.message}${at === undefined ? "" : ` [${place(at).slice(0, -2)}]`}${hint}`;
  }
  const head = `${error.prefix}config validation failed with ${error.problems.length} error(s):`;
  return [head, ...error.problems.map((problem) => `  - ${formatProblem(problem)}`)].join("\n");
}
