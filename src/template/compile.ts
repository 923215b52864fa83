import { WorkflowError } from "../error/error.ts";
import type { Clock } from "../time/clock.ts";
import { compileBody, joinedTexts, printAt, type CompiledDefinition, type Emit } from "./compile_body.ts";
import { siteOf, type CompileContext } from "./compile_context.ts";
import { compilePipeline } from "./compile_pipeline.ts";
import type { Site } from "./failure.ts";
import { TemplateRun } from "./run.ts";
import type { Definition, Statement, Syntax } from "./syntax/syntax.ts";
import type { TemplateScope } from "./template_scope.ts";

/** What compiled templates take from outside. */
export interface CompileOptions {
  readonly clock: Pick<Clock, "now">;
  readonly uuid: () => string;
}

/** A compiled template. Both functions throw `step.template` when the data does not fit. */
export interface Program {
  render(scope: TemplateScope): string;
  /** The value of a template that is a single action; undefined when it is more than that. */
  readonly evaluate: ((scope: TemplateScope) => unknown) | undefined;
}

/** Compiles a parsed template to closures, so that rendering parses and looks up nothing. */
export function compileSyntax(text: string, { main, definitions }: Syntax, options: CompileOptions): Program {
  const compiled = new Map<string, CompiledDefinition>();
  const contextOf = ({ name }: Definition, isMain: boolean): CompileContext => ({
    text,
    templateName: name,
    clock: options.clock,
    uuid: options.uuid,
    dotIsRoot: isMain,
    dollarIsRoot: isMain,
    variableKinds: [],
  });
  for (const [name, { slots }] of definitions) compiled.set(name, { slots, emit: () => "next" });
  for (const [name, definition] of definitions) {
    const slot = compiled.get(name);
    if (slot !== undefined) slot.emit = compileBody(definition.body, contextOf(definition, false), compiled);
  }
  const context = contextOf(main, true);
  const statements = joinedTexts(main.body);
  const render = readingOnly(statements, context) ?? rendering(compileBody(statements, context, compiled), main.slots);
  return { render, evaluate: single(statements, context) };
}

function rendering(emit: Emit, slots: number): (scope: TemplateScope) => string {
  return (scope) => {
    const run = new TemplateRun(scope, slots);
    try {
      emit(run);
    } catch (thrown) {
      throw limited(thrown);
    }
    return run.output;
  };
}

/** Blocks nested to the limit and templates called to the limit may together exceed the call stack. */
function limited(thrown: unknown): unknown {
  if (!(thrown instanceof RangeError)) return thrown;
  return new WorkflowError("step.template", `template exec error: ${thrown.message}`, { cause: thrown });
}

interface Read {
  readonly read: (scope: TemplateScope) => unknown;
  readonly site: Site;
}

/**
 * Most templates are text and plain names, as in `Hi {{ .name }}`. They need no run: no loop, no variable, and an
 * output that is bounded by the data.
 */
function readingOnly(
  statements: readonly Statement[],
  context: CompileContext,
): ((scope: TemplateScope) => string) | undefined {
  const parts: (string | Read)[] = [];
  for (const statement of statements) {
    const part = statement.kind === "text" ? statement.text : readOf(statement, context);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const [first] = parts;
  if (parts.length === 1 && typeof first === "object") return (scope) => printAt(first.read(scope), first.site);
  return (scope) => {
    let output = "";
    for (const part of parts) output += typeof part === "string" ? part : printAt(part.read(scope), part.site);
    return output;
  };
}

function readOf(statement: Statement, context: CompileContext): Read | undefined {
  if (statement.kind !== "action") return undefined;
  const { read } = compilePipeline(statement.pipeline, context);
  return read === undefined ? undefined : { read, site: siteOf(statement.pipeline, context) };
}

function single(
  statements: readonly Statement[],
  context: CompileContext,
): ((scope: TemplateScope) => unknown) | undefined {
  const [statement, ...more] = statements;
  if (statement?.kind !== "action" || more.length > 0 || statement.pipeline.targets.length > 0) return undefined;
  const { read, evaluate } = compilePipeline(statement.pipeline, context);
  return read ?? ((scope) => evaluate(new TemplateRun(scope, 0)));
}
