import { siteOf, type CompileContext } from "./compile_context.ts";
import { compilePipeline, compileValue } from "./compile_pipeline.ts";
import { executionError, located, type Site } from "./failure.ts";
import { templateCallDepthMax } from "./limit.ts";
import { printValue } from "./print.ts";
import type { TemplateRun } from "./run.ts";
import type { Body, Conditional, Pipeline, Statement } from "./syntax/syntax.ts";
import { asInt, isMap, isNil, isTrue, sortedKeys } from "./value.ts";

/** How a statement ended: go on, or leave or continue the loop around it. */
export type Flow = "next" | "break" | "continue";

/** A compiled statement or body: writes to the run's output. */
export type Emit = (run: TemplateRun) => Flow;

/** A compiled `define` block. Filled in after every block has a place, since blocks may call each other. */
export interface CompiledDefinition {
  emit: Emit;
  readonly slots: number;
}

/** The compiled `define` blocks by name. */
export type CompiledDefinitions = ReadonlyMap<string, CompiledDefinition>;

/** Compiles statements to one function. */
export function compileBody(body: Body, context: CompileContext, definitions: CompiledDefinitions): Emit {
  const emits = joinedTexts(body).map((statement) => compileStatement(statement, context, definitions));
  const [first, second] = emits;
  if (first === undefined) return () => "next";
  if (second === undefined) return first;
  return (run) => {
    for (const emit of emits) {
      const flow = emit(run);
      if (flow !== "next") return flow;
    }
    return "next";
  };
}

/** The statements with adjacent texts as one; a comment leaves two. */
export function joinedTexts(body: Body): Statement[] {
  const joined: Statement[] = [];
  for (const statement of body) {
    const last = joined.at(-1);
    if (statement.kind === "text" && last?.kind === "text") {
      joined[joined.length - 1] = { kind: "text", text: last.text + statement.text };
    } else {
      joined.push(statement);
    }
  }
  return joined;
}

/** Prints a value; data that cannot be printed is an error at the action's place. */
export function printAt(value: unknown, site: Site): string {
  if (typeof value === "string") return value;
  try {
    return printValue(value);
  } catch (thrown) {
    throw located(site, thrown);
  }
}

function compileStatement(statement: Statement, context: CompileContext, definitions: CompiledDefinitions): Emit {
  switch (statement.kind) {
    case "text": {
      const { text } = statement;
      const site = siteOf({ offset: 0, end: 0 }, context);
      return (run) => {
        run.write(text, site);
        return "next";
      };
    }
    case "action":
      return compileAction(statement.pipeline, context);
    case "if":
      return compileIf(statement, context, definitions);
    case "with":
      return compileWith(statement, context, definitions);
    case "range":
      return compileRange(statement, context, definitions);
    case "template":
      return compileTemplateCall(statement, context, definitions);
    case "break":
    case "continue": {
      const flow = statement.kind;
      return () => flow;
    }
  }
}

function compileAction(pipeline: Pipeline, context: CompileContext): Emit {
  const { evaluate } = compilePipeline(pipeline, context);
  const site = siteOf(pipeline, context);
  if (pipeline.targets.length > 0) {
    return (run) => {
      evaluate(run);
      return "next";
    };
  }
  return (run) => {
    run.write(printAt(evaluate(run), site), site);
    return "next";
  };
}

function compileIf(statement: Conditional, context: CompileContext, definitions: CompiledDefinitions): Emit {
  const { evaluate } = compilePipeline(statement.pipeline, context);
  const then = compileBody(statement.body, context, definitions);
  const otherwise = compileBody(statement.otherwise, context, definitions);
  return (run) => (isTrue(evaluate(run)) ? then(run) : otherwise(run));
}

function compileWith(statement: Conditional, context: CompileContext, definitions: CompiledDefinitions): Emit {
  const { evaluate } = compilePipeline(statement.pipeline, context);
  const then = compileBody(statement.body, { ...context, dotIsRoot: false }, definitions);
  const otherwise = compileBody(statement.otherwise, context, definitions);
  return (run) => {
    const value = evaluate(run);
    if (!isTrue(value)) return otherwise(run);
    const outer = run.dot;
    run.dot = value;
    const flow = then(run);
    run.dot = outer;
    return flow;
  };
}

function compileRange(
  statement: Extract<Statement, { kind: "range" }>,
  context: CompileContext,
  definitions: CompiledDefinitions,
): Emit {
  const { evaluate } = compileValue(statement.pipeline, context);
  const site = siteOf(statement.pipeline, context);
  const { targets } = statement.pipeline;
  const keySlot = targets.length === 2 ? targets[0]?.slot : undefined;
  const valueSlot = targets.at(-1)?.slot;
  // A number among the keys is a position; what the elements are is not known.
  if (keySlot !== undefined) context.variableKinds[keySlot] = "int";
  if (valueSlot !== undefined) context.variableKinds[valueSlot] = undefined;
  const body = compileBody(statement.body, { ...context, dotIsRoot: false }, definitions);
  const otherwise = compileBody(statement.otherwise, context, definitions);
  const turn = (run: TemplateRun, key: unknown, value: unknown): Flow => {
    run.countTurn(site);
    if (keySlot !== undefined) run.slots[keySlot] = key;
    if (valueSlot !== undefined) run.slots[valueSlot] = value;
    run.dot = value;
    return body(run);
  };
  return (run) => {
    const items = evaluate(run);
    const outer = run.dot;
    const count = forEach(items, (key, value) => turn(run, key, value), site, targets.length);
    run.dot = outer;
    return count === 0 ? otherwise(run) : "next";
  };
}

/** Visits what can be ranged over until a turn breaks. Answers how many turns there were. */
function forEach(items: unknown, turn: (key: unknown, value: unknown) => Flow, site: Site, targets: number): number {
  if (isNil(items)) return 0;
  if (Array.isArray(items) || items instanceof Uint8Array) {
    const { length } = items;
    for (let index = 0; index < length; index++) if (turn(index, items[index]) === "break") return index + 1;
    return length;
  }
  if (isMap(items)) {
    const keys = sortedKeys(items);
    for (const key of keys) if (turn(key, items[key]) === "break") break;
    return keys.length;
  }
  const count = asInt(items);
  if (count === undefined) throw executionError(site, `range can't iterate over ${printAt(items, site)}`);
  if (targets > 1) throw executionError(site, `can't use ${count} to iterate over more than one variable`);
  for (let index = 0; index < count; index++) if (turn(index, index) === "break") return index + 1;
  return Math.max(count, 0);
}

function compileTemplateCall(
  statement: Extract<Statement, { kind: "template" }>,
  context: CompileContext,
  definitions: CompiledDefinitions,
): Emit {
  const site = siteOf(statement.span, context);
  const definition = definitions.get(statement.name);
  if (definition === undefined) {
    return () => {
      throw executionError(site, `template ${JSON.stringify(statement.name)} not defined`);
    };
  }
  const argument = statement.argument === undefined ? undefined : compilePipeline(statement.argument, context).evaluate;
  return (run) => {
    const value = argument?.(run);
    const { dot, dollar, slots } = run;
    if (run.depth >= templateCallDepthMax) {
      throw executionError(site, `exceeded maximum template depth (${templateCallDepthMax})`);
    }
    run.countTurn(site);
    run.depth++;
    run.dot = value;
    run.dollar = value;
    run.slots = new Array<unknown>(definition.slots);
    definition.emit(run);
    run.depth--;
    run.dot = dot;
    run.dollar = dollar;
    run.slots = slots;
    return "next";
  };
}
