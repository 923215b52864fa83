import type { Clock } from "../time/clock.ts";
import type { NumberKind } from "./define_function.ts";
import { executionError, type Site } from "./failure.ts";
import type { TemplateRun } from "./run.ts";
import type { Span } from "./syntax/syntax.ts";
import type { TemplateScope } from "./template_scope.ts";

/** What the parts of the compiler know of where they are. */
export interface CompileContext {
  readonly text: string;
  readonly templateName: string;
  readonly clock: Pick<Clock, "now">;
  readonly uuid: () => string;
  /** Whether `.` is known to be the root here, whose names are read without building it. */
  readonly dotIsRoot: boolean;
  /** Whether `$` is the root: in the main template, not in a `define` block. */
  readonly dollarIsRoot: boolean;
  /** What to call the number in each variable, by slot. */
  readonly variableKinds: (NumberKind | undefined)[];
}

/** A compiled operand, command or pipeline. */
export interface Expression {
  readonly evaluate: (run: TemplateRun) => unknown;
  /** Set when the value depends on the scope alone, so that it can be had without a run. */
  readonly read?: (scope: TemplateScope) => unknown;
  /** What to call the value in a message should it be a number. */
  readonly numberKind: NumberKind;
}

/** The place of a node, for errors. */
export function siteOf(span: Span, context: CompileContext): Site {
  return { text: context.text, offset: span.offset, end: span.end, templateName: context.templateName };
}

/** An expression over the scope alone. */
export function reading(read: (scope: TemplateScope) => unknown): Expression {
  return { read, evaluate: (run) => read(run.scope), numberKind: "float64" };
}

/** An expression that is known to fail when it is evaluated. It may stand in a branch that never is. */
export function failing(site: Site, message: string): Expression {
  const fail = () => {
    throw executionError(site, message);
  };
  return { evaluate: fail, numberKind: "float64" };
}
