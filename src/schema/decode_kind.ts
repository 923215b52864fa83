import { dirname, resolve } from "node:path";
import { messageOf, type Position, WorkflowError } from "../error/error.ts";
import { Secret } from "../log/secret.ts";
import {
  compileBodyPath,
  compileCollectionPath,
  compileDottedPath,
  compileFieldPath,
  compileSourcePath,
  compileWrapped,
  type PathExpression,
} from "../template/expression.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import { compileTemplateValue } from "../template/template_map.ts";
import { parseCron } from "../time/cron.ts";
import { parseDuration } from "../time/duration.ts";
import { type DecodeContext, Invalid, type Slot } from "./decode_context.ts";
import type { FieldKind, FieldSchema, FileContent, LateRef } from "./field.ts";
import { type Node, plainValue, type ScalarNode, shownText, typeName, writtenText } from "./node.ts";
import { nearestName } from "./nearest.ts";

type KindDecoder = (node: Node, schema: FieldSchema, slot: Slot, context: DecodeContext) => unknown;

/** Decodes a value whose schema names a kind. Returns `Invalid` when the value cannot be used. */
export function decodeKind(schema: FieldSchema, node: Node, slot: Slot, context: DecodeContext): unknown {
  const kind = schema["x-kind"];
  if (kind === undefined) return new Invalid("has a schema without a kind");
  return decoders[kind](node, schema, slot, context);
}

/** A decoder for kinds that are written as text. */
function fromText(
  decode: (text: string, node: ScalarNode, schema: FieldSchema, context: DecodeContext) => unknown,
): KindDecoder {
  return (node, schema, _slot, context) =>
    node.kind === "scalar"
      ? decode(writtenText(node), node, schema, context)
      : new Invalid(`must be text, got ${typeName(node)}`);
}

const decoders: Readonly<Record<FieldKind, KindDecoder>> = {
  any: (node, schema) => {
    if (schema.type === "object" && node.kind !== "map") return new Invalid(`must be a map, got ${typeName(node)}`);
    return plainValue(node);
  },
  node: (node) => node,
  count: (node, schema) => decodeNumber(node, schema, "whole"),
  real: (node, schema) => decodeNumber(node, schema, "any"),
  choice: fromText((text, node, schema) => {
    const words = schema.enum ?? [];
    if (words.includes(text)) return text;
    const near = nearestName(text, words);
    const hint = near === undefined ? "" : ` (did you mean "${near}"?)`;
    return new Invalid(`must be one of ${words.join(", ")}, got ${shownText(node)}${hint}`);
  }),
  duration: fromText((text, _node, schema) => {
    const ms = attempt(() => parseDuration(text));
    if (ms instanceof Invalid) return ms;
    if (schema.minimum !== undefined && ms < schema.minimum)
      return new Invalid(`must be at least ${schema.minimum} ms, got ${text}`);
    return ms;
  }),
  size: (node, schema) => decodeSize(node, schema),
  cron: fromText((text) => attempt(() => parseCron(text))),
  secret: fromText((text) => new Secret(text)),
  sql: fromText((text) =>
    text.includes("{{") ? new Invalid("must not contain template expressions (use params instead)") : text,
  ),
  path: fromText((text, _node, schema, context) =>
    resolve(schema["x-base"] === "work" ? context.workDir : context.configDir, text),
  ),
  file: (node, _schema, slot, context) => decodeFile(node, slot, context),
  template: (node, _schema, slot, context) => decodeTemplate(node, slot, context),
  templateValue: (node, schema, slot, context) => {
    if (schema.type === "object" && node.kind !== "map") return new Invalid(`must be a map, got ${typeName(node)}`);
    if (schema.type === "array" && node.kind !== "list") return new Invalid(`must be a list, got ${typeName(node)}`);
    const written = plainValue(node);
    for (const found of scalarsOf(node))
      reportTemplate(compileTemplate(writtenText(found), context.templates), found, slot, context);
    if (schema["x-from"] === true)
      for (const found of fromPathsOf(node)) reportPath(compileBodyPath(writtenText(found)), found, slot, context);
    return { ...compileTemplateValue(written, context.templates), written, options: context.templates };
  },
  position: (_node, _schema, slot) => slot.at,
  expression: (node, schema, slot, context) => decodeExpression(node, schema, slot, context),
  ref: (node, schema, slot, context) => decodeRef(node, schema, slot, context),
  refs: (_node, schema, slot, context) => {
    context.request({
      name: undefined,
      port: schema["x-port"],
      portTitle: schema["x-port-title"],
      mode: "all",
      fallback: schema["x-fallback"],
      at: slot.at,
      path: slot.path,
      bind: slot.set,
    });
    return undefined;
  },
  steps: (node, schema, slot, context) => {
    const form = schema["x-form"] === "one" ? "one" : "list";
    if (form === "one" && node.kind !== "map") return new Invalid(`must be a step, got ${typeName(node)}`);
    if (form === "list" && node.kind !== "list") return new Invalid(`must be a list of steps, got ${typeName(node)}`);
    return context.steps(node, form, slot.path);
  },
};

function attempt<T>(parse: () => T): T | Invalid {
  try {
    return parse();
  } catch (error) {
    return new Invalid(`cannot be read: ${messageOf(error)}`);
  }
}

function decodeNumber(node: Node, schema: FieldSchema, form: "whole" | "any"): number | Invalid {
  if (node.kind !== "scalar") return new Invalid(`must be a number, got ${typeName(node)}`);
  const value = typeof node.value === "string" && node.value.trim() !== "" ? Number(node.value) : node.value;
  if (typeof value !== "number" || !Number.isFinite(value))
    return new Invalid(`must be a number, got ${shownText(node)}`);
  if (form === "whole" && !Number.isInteger(value))
    return new Invalid(`must be a whole number, got ${shownText(node)}`);
  if (schema.minimum !== undefined && value < schema.minimum)
    return new Invalid(`must be at least ${schema.minimum}, got ${shownText(node)}`);
  if (schema.maximum !== undefined && value > schema.maximum)
    return new Invalid(`must be at most ${schema.maximum}, got ${shownText(node)}`);
  return value;
}

const sizeUnits: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  kb: 1000,
  ki: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
};

function decodeSize(node: Node, schema: FieldSchema): number | Invalid {
  if (node.kind !== "scalar") return new Invalid(`must be a size, got ${typeName(node)}`);
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*$/.exec(writtenText(node));
  const unit = sizeUnits[match?.[2]?.toLowerCase() ?? "?"];
  if (match === null || unit === undefined) return new Invalid(`must be a size such as 10MiB, got ${shownText(node)}`);
  const bytes = Math.floor(Number(match[1]) * unit);
  if (schema.minimum !== undefined && bytes < schema.minimum)
    return new Invalid(`must be at least ${schema.minimum} bytes`);
  return bytes;
}

function decodeFile(node: Node, slot: Slot, context: DecodeContext): FileContent | Invalid | undefined {
  if (node.kind !== "scalar") return new Invalid(`must be a file name, got ${typeName(node)}`);
  const name = writtenText(node);
  const path = resolve(context.configDir, name);
  try {
    return { name, path, text: context.readFile(path), at: node.at };
  } catch (error) {
    const text = context.subject.invalid(
      slot.key,
      slot.path,
      `file ${shownText(node)} cannot be read: ${messageOf(error)}`,
    );
    const hint = `relative names are looked for beside the configuration file, in ${dirname(path)}`;
    context.problem(new WorkflowError("config.read", text, { at: [node.at], hint, status: 422, cause: error }));
    return undefined;
  }
}

function decodeTemplate(node: Node, slot: Slot, context: DecodeContext): Template | Invalid {
  if (node.kind !== "scalar") return new Invalid(`must be text, got ${typeName(node)}`);
  const compiled = compileTemplate(writtenText(node), context.templates);
  reportTemplate(compiled, node, slot, context);
  return compiled;
}

function decodeExpression(node: Node, schema: FieldSchema, slot: Slot, context: DecodeContext): unknown {
  if (node.kind !== "scalar") return new Invalid(`must be a path, got ${typeName(node)}`);
  const text = writtenText(node);
  switch (schema["x-form"]) {
    case "field":
    case "action": {
      const compiled = (schema["x-form"] === "field" ? compileFieldPath : compileWrapped)(text, context.templates);
      reportTemplate(compiled, node, slot, context);
      return compiled;
    }
    case "source":
      return reportPath(compileSourcePath(text), node, slot, context);
    case "collection":
      return reportPath(compileCollectionPath(text), node, slot, context);
    case "dotted":
      return reportPath(compileDottedPath(text, { roots: schema["x-roots"] ?? ["steps"] }), node, slot, context);
    default:
      return reportPath(compileBodyPath(text), node, slot, context);
  }
}

function reportPath(expression: PathExpression, node: ScalarNode, slot: Slot, context: DecodeContext): PathExpression {
  const references = [{ path: expression.path, offset: 0, guarded: false }];
  context.template({ references, node, path: slot.path });
  return expression;
}

/** A syntax error is a warning: the configuration may never use the template. The plan checks references. */
function reportTemplate(compiled: Template, node: ScalarNode, slot: Slot, context: DecodeContext): void {
  if (compiled.isConstant) return;
  if (compiled.problem !== undefined) {
    context.warn(new WorkflowError("config.template", `${slot.path}: ${compiled.problem.message}`, { at: [node.at] }));
    return;
  }
  context.template({ references: compiled.references, node, path: slot.path });
}

/** The paths of `{_from: path}` at any depth. */
function* fromPathsOf(node: Node): Generator<ScalarNode> {
  if (node.kind === "list") for (const item of node.items) yield* fromPathsOf(item);
  if (node.kind !== "map") return;
  const from = node.entries.get("_from")?.value;
  if (node.entries.size === 1 && from?.kind === "scalar" && typeof from.value === "string") yield from;
  else for (const entry of node.entries.values()) yield* fromPathsOf(entry.value);
}

function* scalarsOf(node: Node): Generator<ScalarNode> {
  switch (node.kind) {
    case "scalar":
      if (typeof node.value === "string" && node.value.includes("{{")) yield node;
      return;
    case "list":
      for (const item of node.items) yield* scalarsOf(item);
      return;
    case "map":
      for (const entry of node.entries.values()) yield* scalarsOf(entry.value);
  }
}

function decodeRef(node: Node, schema: FieldSchema, slot: Slot, context: DecodeContext): unknown {
  if (node.kind !== "scalar") return new Invalid(`must be the name of a module, got ${typeName(node)}`);
  const name = node.value === null || node.value === "" ? undefined : writtenText(node);
  if (name === undefined && schema["x-fallback"] === undefined) return new Invalid("must be the name of a module");
  const mode = schema["x-mode"] ?? "required";
  const late = mode === "late" ? new BoundLate(name ?? "", node.at, schema["x-port-title"]) : undefined;
  context.request({
    name,
    port: schema["x-port"],
    portTitle: schema["x-port-title"],
    mode,
    fallback: schema["x-fallback"],
    at: node.at,
    path: slot.path,
    bind: late === undefined ? slot.set : (service) => late.bind(service),
  });
  return late;
}

/** The reference that `lateRef` decodes to; bound once, when the generation is built. */
class BoundLate implements LateRef<object> {
  readonly name: string;
  readonly at: Position;
  readonly #title: string | undefined;
  #service: object | undefined;

  constructor(name: string, at: Position, title: string | undefined) {
    this.name = name;
    this.at = at;
    this.#title = title;
  }

  bind(service: unknown): void {
    if (typeof service === "object" && service !== null) this.#service = service;
  }

  find(): object | undefined {
    return this.#service;
  }

  get(): object {
    if (this.#service !== undefined) return this.#service;
    const role = this.#title === undefined ? "" : ` as ${this.#title}`;
    throw new WorkflowError("run.missing_service", `service "${this.name}" not found${role}`, { at: [this.at] });
  }
}
