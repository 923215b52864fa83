import { asWorkflowError, type WorkflowError } from "../error/error.ts";
import { systemClock, type Clock } from "../time/clock.ts";
import { compileSyntax, type Program } from "./compile.ts";
import type { TemplateFunction } from "./define_function.ts";
import { lookUpFunction } from "./functions.ts";
import { parseTemplate } from "./syntax/parser.ts";
import { referencesOf, type FieldReference } from "./references.ts";
import type { TemplateScope } from "./template_scope.ts";

/** A text with `{{ }}` in it, in the language of Go's text/template, compiled once and rendered for each run. */
export interface Template {
  readonly text: string;
  /** Whether the text has no `{{`, so that it is its own result. */
  readonly isConstant: boolean;
  /** What is wrong with the syntax. Rendering throws it; `details.offset` is where in the text it lies. */
  readonly problem: WorkflowError | undefined;
  /** What the template reads, as far as it can be known without data, in the order of the text. */
  readonly references: readonly FieldReference[];
  /** Throws `step.template` for a syntax error and for data that does not fit; the limits are in `limit.ts`. */
  render(scope: TemplateScope): string;
  /** The value of a template that is one single action, untouched; otherwise the rendered text. */
  evaluate(scope: TemplateScope): unknown;
}

/** What a template takes from outside, beside its text. */
export interface TemplateOptions {
  /** Functions by name, before those that every template has. */
  readonly functions?: Readonly<Record<string, TemplateFunction>>;
  /** The time of `now`; the system's when not given. */
  readonly clock?: Pick<Clock, "now">;
  /** Makes the identifiers of `uuid` and `uuidv4`; random ones when not given. */
  readonly uuid?: () => string;
}

/** Compiles a template. Never throws: a syntax error is the template's `problem`. */
export function compileTemplate(text: string, options: TemplateOptions = {}): Template {
  if (!text.includes("{{")) {
    return { text, isConstant: true, problem: undefined, references: [], render: () => text, evaluate: () => text };
  }
  try {
    const syntax = parseTemplate(text, (name) => lookUpFunction(name, options.functions));
    const { clock = systemClock, uuid = () => crypto.randomUUID() } = options;
    const program: Program = compileSyntax(text, syntax, { clock, uuid });
    const { render, evaluate = render } = program;
    return { text, isConstant: false, problem: undefined, references: referencesOf(syntax), render, evaluate };
  } catch (thrown) {
    return brokenTemplate(text, asWorkflowError(thrown, "step.template"));
  }
}

/** A template that cannot be rendered. */
export function brokenTemplate(text: string, problem: WorkflowError): Template {
  const fail = () => {
    throw problem;
  };
  return { text, isConstant: false, problem, references: [], render: fail, evaluate: fail };
}
