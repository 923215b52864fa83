import { PipelineParser, type FunctionLookup } from "./pipeline_parser.ts";
import type { Body, Conditional, Definition, Statement, Syntax } from "./syntax.ts";
import type { Keyword, Token } from "./token.ts";
import { TokenReader } from "./token_reader.ts";

/** Parses a template. Throws a `WorkflowError` with the code `step.template` at the first mistake. */
export function parseTemplate(text: string, functions: FunctionLookup): Syntax {
  return new TemplateParser(text, functions).parse();
}

/** What ended a list of statements; the token is taken, up to its keyword. */
interface BodyEnd {
  readonly body: Body;
  readonly keyword: Keyword | undefined;
  readonly token: Token;
}

class TemplateParser {
  readonly #reader: TokenReader;
  readonly #pipelines: PipelineParser;
  readonly #definitions = new Map<string, Definition>();
  #loops = 0;

  constructor(text: string, functions: FunctionLookup) {
    this.#reader = new TokenReader(text);
    this.#pipelines = new PipelineParser(this.#reader, functions);
  }

  parse(): Syntax {
    const { result, slots } = this.#pipelines.isolated(() => this.#statements("top"));
    const { body, keyword, token } = result;
    if (keyword !== undefined) throw this.#reader.problem(token.offset, `unexpected {{${keyword}}}`);
    return { main: { name: "", body, slots }, definitions: this.#definitions };
  }

  /** Statements up to `{{end`, `{{else` or the end of the text. Only at the top may `define` stand. */
  #statements(level: "top" | "nested"): BodyEnd {
    const body: Statement[] = [];
    for (;;) {
      const token = this.#reader.take();
      if (token.kind === "text") {
        body.push({ kind: "text", text: token.text });
      } else if (token.kind === "end_of_text") {
        if (level === "nested") throw this.#reader.problem(token.offset, "unexpected EOF");
        return { body, keyword: undefined, token };
      } else {
        const next = this.#reader.peek();
        const keyword = next.kind === "keyword" ? next.keyword : undefined;
        if (keyword === "end" || keyword === "else") {
          this.#reader.take();
          return { body, keyword, token: next };
        }
        if (keyword === "define") this.#define(next, level);
        else body.push(keyword === undefined ? this.#action() : this.#control(keyword));
      }
    }
  }

  #action(): Statement {
    return { kind: "action", pipeline: this.#pipelines.pipeline("command") };
  }

  #control(keyword: Exclude<Keyword, "end" | "else" | "define">): Statement {
    const token = this.#reader.take();
    switch (keyword) {
      case "if":
      case "with":
        return this.#conditional(keyword, token);
      case "range":
        return this.#range(token);
      case "template":
        return this.#template(token);
      case "block":
        return this.#block(token);
      case "break":
      case "continue":
        if (this.#loops === 0) throw this.#reader.problem(token.offset, `{{${keyword}}} outside {{range}}`);
        this.#expectClose(`{{${keyword}}}`);
        return { kind: keyword };
    }
  }

  #conditional(kind: "if" | "with", token: Token): Conditional {
    return this.#reader.nested(token.offset, () =>
      this.#pipelines.block(() => {
        const pipeline = this.#pipelines.pipeline(kind);
        const then = this.#nestedStatements();
        if (then.keyword === "end") {
          this.#expectClose("end");
          return { kind, pipeline, body: then.body, otherwise: [] };
        }
        const next = this.#reader.peek();
        if (next.kind === "keyword" && next.keyword === kind && next.spaced) {
          // `{{else if}}` shares the `{{end}}` of the `if` it belongs to.
          this.#reader.take();
          return { kind, pipeline, body: then.body, otherwise: [this.#conditional(kind, next)] };
        }
        return { kind, pipeline, body: then.body, otherwise: this.#otherwise() };
      }),
    );
  }

  #range(token: Token): Statement {
    return this.#reader.nested(token.offset, () =>
      this.#pipelines.block(() => {
        const pipeline = this.#pipelines.pipeline("range");
        this.#loops++;
        const { body, keyword } = this.#nestedStatements();
        this.#loops--;
        if (keyword === "else") return { kind: "range", pipeline, body, otherwise: this.#otherwise() };
        this.#expectClose("end");
        return { kind: "range", pipeline, body, otherwise: [] };
      }),
    );
  }

  /** After `{{else`: the rest of that action, and statements up to the `{{end}}`. */
  #otherwise(): Body {
    const next = this.#reader.peek();
    if (next.kind === "keyword") throw this.#reader.unexpected(next, "input");
    this.#expectClose("else");
    const { body, keyword, token } = this.#nestedStatements();
    if (keyword !== "end") throw this.#reader.problem(token.offset, "expected end; found {{else}}");
    this.#expectClose("end");
    return body;
  }

  #nestedStatements(): BodyEnd {
    return this.#pipelines.block(() => this.#statements("nested"));
  }

  #template(start: Token): Statement {
    const name = this.#name("template clause");
    const next = this.#reader.peek();
    if (next.kind === "close") {
      this.#reader.take();
      return { kind: "template", name, argument: undefined, span: { offset: start.offset, end: next.offset } };
    }
    const argument = this.#pipelines.pipeline("template clause");
    return { kind: "template", name, argument, span: { offset: start.offset, end: argument.end } };
  }

  #define(token: Token, level: "top" | "nested"): void {
    if (level === "nested") throw this.#reader.unexpected(token, "command", "a define block stands at the top level");
    this.#reader.take();
    const name = this.#name("define clause");
    this.#expectClose("define clause");
    this.#addDefinition(name, token, "define clause");
  }

  /** A block is a definition that is also called where it stands. */
  #block(token: Token): Statement {
    const name = this.#name("block clause");
    const argument = this.#pipelines.pipeline("block clause");
    this.#addDefinition(name, token, "block clause");
    return { kind: "template", name, argument, span: { offset: token.offset, end: argument.end } };
  }

  #addDefinition(name: string, start: Token, context: string): void {
    const loops = this.#loops;
    this.#loops = 0;
    const { result, slots } = this.#reader.nested(start.offset, () =>
      this.#pipelines.isolated(() => this.#statements("nested")),
    );
    this.#loops = loops;
    if (result.keyword !== "end") throw this.#reader.problem(result.token.offset, `unexpected {{else}} in ${context}`);
    this.#expectClose("end");
    const earlier = this.#definitions.get(name);
    // An empty definition gives way to another one, so that a block's default can be replaced.
    if (earlier !== undefined && isEmpty(result.body)) return;
    if (earlier !== undefined && !isEmpty(earlier.body)) {
      throw this.#reader.problem(start.offset, `template: multiple definition of template ${JSON.stringify(name)}`);
    }
    this.#definitions.set(name, { name, body: result.body, slots });
  }

  #name(context: string): string {
    const token = this.#reader.take();
    if (token.kind !== "string") throw this.#reader.unexpected(token, context);
    return token.value;
  }

  #expectClose(context: string): void {
    const token = this.#reader.take();
    if (token.kind !== "close") throw this.#reader.unexpected(token, context);
  }
}

function isEmpty(body: Body): boolean {
  return body.every((statement) => statement.kind === "text" && statement.text.trim() === "");
}
