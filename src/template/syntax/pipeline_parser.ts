import type { TemplateFunction } from "../define_function.ts";
import { readNumber } from "./literal.ts";
import type { Command, Operand, Pipeline, VariableTarget } from "./syntax.ts";
import type { Token } from "./token.ts";
import type { TokenReader } from "./token_reader.ts";

/** Finds a function by its name in templates. */
export type FunctionLookup = (name: string) => TemplateFunction | undefined;

/** Parses what stands inside an action: pipelines, commands and operands. Knows which variables are in scope. */
export class PipelineParser {
  readonly #reader: TokenReader;
  readonly #functions: FunctionLookup;
  #variables: string[] = [];
  #slots = 0;

  constructor(reader: TokenReader, functions: FunctionLookup) {
    this.#reader = reader;
    this.#functions = functions;
  }

  /** Parses a part in which variables may be declared; they are gone after it. */
  block<T>(parse: () => T): T {
    const count = this.#variables.length;
    const result = parse();
    this.#variables.length = count;
    return result;
  }

  /** Parses a part that sees no variable from outside, and counts the slots it needs. */
  isolated<T>(parse: () => T): { readonly result: T; readonly slots: number } {
    const outer = { variables: this.#variables, slots: this.#slots };
    this.#variables = [];
    this.#slots = 0;
    const result = parse();
    const slots = this.#slots;
    this.#variables = outer.variables;
    this.#slots = outer.slots;
    return { result, slots };
  }

  /** Parses a pipeline up to and including the token that closes it. */
  pipeline(context: string, close: "close" | "right_paren" = "close"): Pipeline {
    const start = this.#reader.peek();
    return this.#reader.nested(start.offset, () => {
      const declaration = this.#targets(context);
      const commands: Command[] = [];
      for (;;) {
        const token = this.#reader.peek();
        if (token.kind === "close" || token.kind === "right_paren") {
          this.#reader.take();
          if (token.kind !== close) throw this.#unbalanced(token);
          if (commands.length === 0) throw this.#reader.problem(start.offset, `missing value for ${context}`);
          // Declared last: in `$x := $x` the right side is an outer variable.
          const { isNew, names } = declaration;
          const targets = isNew ? names.map((name) => this.#declare(name)) : declaration.targets;
          return { targets, commands, offset: start.offset, end: token.offset };
        }
        commands.push(this.#command(context, commands.length + 1));
      }
    });
  }

  #unbalanced(token: Token): Error {
    const message = token.kind === "close" ? "unclosed left paren" : "unexpected right paren";
    return this.#reader.problem(token.offset, message);
  }

  /** Variables before `:=`, which are new, or before `=`, which exist. */
  #targets(context: string): { isNew: boolean; names: string[]; targets: VariableTarget[] } {
    const names: string[] = [];
    for (let distance = 0; this.#reader.peek(distance).kind === "variable"; distance += 2) {
      const sign = this.#reader.peek(distance + 1);
      const name = this.#reader.peek(distance);
      names.push(name.text);
      if (name.text === "$" && ["declare", "assign", "comma"].includes(sign.kind)) {
        throw this.#reader.problem(name.offset, "cannot assign to $", "name the variable, as in $x");
      }
      if (sign.kind === "declare" || sign.kind === "assign") {
        const offset = this.#reader.peek().offset;
        for (let count = distance + 2; count > 0; count--) this.#reader.take();
        if (sign.kind === "declare") return { isNew: true, names, targets: [] };
        return { isNew: false, names, targets: names.map((name) => ({ name, slot: this.#slotOf(name, offset) })) };
      }
      if (sign.kind !== "comma") break;
      if (context !== "range" || names.length === 2) {
        throw this.#reader.problem(sign.offset, `too many declarations in ${context}`);
      }
      if (this.#reader.peek(distance + 2).kind !== "variable") {
        throw this.#reader.problem(sign.offset, "range can only initialize variables");
      }
    }
    return { isNew: false, names: [], targets: [] };
  }

  #declare(name: string): VariableTarget {
    const slot = this.#variables.push(name) - 1;
    this.#slots = Math.max(this.#slots, this.#variables.length);
    return { name, slot };
  }

  #slotOf(name: string, offset: number): number {
    const slot = name === "$" ? -1 : this.#variables.lastIndexOf(name);
    if (slot < 0 && name !== "$") throw this.#reader.problem(offset, `undefined variable ${JSON.stringify(name)}`);
    return slot;
  }

  #command(context: string, stage: number): Command {
    const operands: Operand[] = [];
    for (;;) {
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      const next = this.#reader.peek();
      if (next.kind === "close" || next.kind === "right_paren") break;
      if (next.kind === "pipe" && operands.length > 0) {
        this.#reader.take();
        break;
      }
      if (operand === undefined) throw this.#reader.unexpected(next, operands.length === 0 ? context : "operand");
      if (!next.spaced) throw this.#adjacent(next);
    }
    const [first] = operands;
    const last = operands.at(-1);
    if (first === undefined || last === undefined) throw this.#reader.unexpected(this.#reader.peek(), context);
    if (stage > 1 && ["literal", "nil", "dot"].includes(first.kind)) {
      throw this.#reader.problem(first.offset, `non executable command in pipeline stage ${stage}`);
    }
    return { operands, offset: first.offset, end: last.end };
  }

  /** The rewriting of hyphenated names puts a parenthesis here, which is what the message speaks of. */
  #adjacent(next: Token): Error {
    if (next.kind !== "field" || !next.hyphenated) return this.#reader.unexpected(next, "operand");
    const keys = next.path.map((name) => JSON.stringify(name)).join(" ");
    return this.#reader.problem(next.offset, 'unexpected "(" in operand', `write (index … ${keys})`);
  }

  #operand(): Operand | undefined {
    const term = this.#term();
    if (term === undefined) return undefined;
    const next = this.#reader.peek();
    if (next.kind === "dot" && !next.spaced) throw this.#reader.unexpected(next, "operand");
    if (next.kind !== "field" || next.spaced || next.hyphenated) return term;
    this.#reader.take();
    const span = { offset: term.offset, end: next.end };
    switch (term.kind) {
      case "field":
        return { ...span, kind: "field", path: [...term.path, ...next.path] };
      case "variable":
        return { ...span, kind: "variable", slot: term.slot, path: next.path };
      case "literal":
      case "nil":
      case "dot": {
        const written = JSON.stringify(this.#reader.text.slice(term.offset, term.end));
        throw this.#reader.problem(next.offset, `unexpected . after term ${written}`);
      }
      default:
        return { ...span, kind: "chain", operand: term, path: next.path };
    }
  }

  #term(): Operand | undefined {
    const token = this.#reader.peek();
    const span = { offset: token.offset, end: token.end };
    switch (token.kind) {
      case "identifier":
        return this.#identifier(token);
      case "dot":
      case "nil":
        this.#reader.take();
        return { ...span, kind: token.kind };
      case "boolean":
      case "string":
        this.#reader.take();
        return { ...span, kind: "literal", value: token.value, numberKind: "float64" };
      case "character":
        this.#reader.take();
        return { ...span, kind: "literal", value: token.value, numberKind: "int" };
      case "number": {
        const literal = readNumber(token.text);
        if ("problem" in literal) throw this.#reader.problem(token.offset, literal.problem);
        this.#reader.take();
        return { ...span, kind: "literal", ...literal };
      }
      case "field":
        this.#reader.take();
        return fieldOperand(token.path, span);
      case "step":
        this.#reader.take();
        return { ...span, kind: "step", path: token.path };
      case "variable":
        this.#reader.take();
        return { ...span, kind: "variable", slot: this.#slotOf(token.text, token.offset), path: [] };
      case "left_paren": {
        this.#reader.take();
        const pipeline = this.#pipelineInParentheses(token);
        return { kind: "pipeline", pipeline, offset: token.offset, end: pipeline.end + 1 };
      }
      default:
        return undefined;
    }
  }

  #pipelineInParentheses(open: Token): Pipeline {
    if (this.#reader.peek().kind === "end_of_text") throw this.#reader.problem(open.offset, "unclosed left paren");
    return this.pipeline("parenthesized pipeline", "right_paren");
  }

  #identifier(token: Token): Operand {
    this.#reader.take();
    const definition = this.#functions(token.text);
    if (definition !== undefined) return { kind: "function", definition, offset: token.offset, end: token.end };
    const next = this.#reader.peek();
    const field = next.kind === "field" && !next.spaced ? next : undefined;
    if (field?.hyphenated === true) {
      this.#reader.take();
      return { kind: "step", path: [token.text, ...field.path], offset: token.offset, end: field.end };
    }
    const path = `${token.text}${field?.text ?? ""}`;
    const hint = field === undefined ? `for a value write .${path}` : `for a step's output write .steps.${path}`;
    throw this.#reader.problem(token.offset, `function ${JSON.stringify(token.text)} not defined`, hint);
  }
}

/** `.a.b` is a chain of fields; from the first hyphenated name on, the names are keys of an `index` call. */
function fieldOperand(path: readonly string[], span: { offset: number; end: number }): Operand {
  const first = path.findIndex((name) => name.includes("-"));
  if (first < 0) return { ...span, kind: "field", path };
  return { ...span, kind: "index", base: path.slice(0, first), keys: path.slice(first) };
}
