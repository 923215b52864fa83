import type { Static, TSchema } from "typebox";
import { type Position, WorkflowError } from "../error/error.ts";
import { type DecodeContext, Invalid, type Slot } from "./decode_context.ts";
import { decodeKind } from "./decode_kind.ts";
import { type FieldSchema, fieldSchema } from "./field.ts";
import { nearestName, snakeCase } from "./nearest.ts";
import { type MapNode, type Node, nodeOf, shownText, typeName, writtenText } from "./node.ts";

/**
 * Decodes a configuration object: defaults, conversion, checks and references. Problems go to the context; a value with
 * a problem is left out, so the result may only be used when the context has seen none.
 */
export function decodeConfig<S extends TSchema>(
  schema: S,
  node: Node | undefined,
  where: { readonly path: string; readonly at: Position },
  context: DecodeContext,
): Static<S> {
  const slot: Slot = { path: where.path, key: "config", at: node?.at ?? where.at, set: () => {} };
  const result = decodeObject(fieldSchema(schema), presentMap(node, slot, context), slot, context, node !== undefined);
  // Each key was decoded by the builder that declares its static type.
  return result as Static<S>;
}

function presentMap(node: Node | undefined, slot: Slot, context: DecodeContext): MapNode | undefined {
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return undefined;
  if (node.kind === "map") return node;
  const text = context.subject.invalid(slot.key, slot.path, `must be a map, got ${typeName(node)}`);
  context.problem(new WorkflowError("config.shape", text, { at: [node.at] }));
  return undefined;
}

/** A map that is being decoded: its schema, what was written, and what has been used of it. */
interface Part {
  readonly schema: FieldSchema;
  readonly node: MapNode | undefined;
  readonly slot: Slot;
  /** Whether the component has a `config` at all, for the wording of what is missing. */
  readonly hasConfig: boolean;
  readonly used: Set<string>;
  readonly result: Record<string, unknown>;
}

function decodeObject(
  schema: FieldSchema,
  node: MapNode | undefined,
  slot: Slot,
  context: DecodeContext,
  hasConfig: boolean,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const properties = schema.properties ?? {};
  const used = new Set<string>();
  const part: Part = { schema, node, slot, hasConfig, used, result };
  for (const key in properties) {
    const property = properties[key];
    if (property === undefined) continue;
    const isHidden = property["x-hidden"] === true;
    const found = isHidden ? undefined : findEntry(node, key, property, used);
    const inner: Slot = {
      path: `${slot.path}.${found?.key ?? key}`,
      key,
      at: found?.node.at ?? slot.at,
      set: (value) => {
        result[key] = value;
      },
    };
    if (isHidden) {
      const value = decodeKind(property, nodeOf(null, slot.at), { ...inner, at: slot.at }, context);
      if (value !== undefined) result[key] = value;
      continue;
    }
    if (found === undefined) decodeAbsent(property, part, inner, context);
    else decodeInto(property, found.node, inner, context, schema.required?.includes(key) === true);
  }
  decodeUnknown(part, context);
  return result;
}

function findEntry(
  node: MapNode | undefined,
  key: string,
  property: FieldSchema,
  used: Set<string>,
): { readonly key: string; readonly node: Node } | undefined {
  for (const name of [key, ...(property["x-aliases"] ?? [])]) {
    const entry = node?.entries.get(name);
    if (entry === undefined) continue;
    used.add(name);
    if (entry.value.kind === "scalar" && entry.value.value === null) continue;
    return { key: name, node: entry.value };
  }
  return undefined;
}

function decodeAbsent(property: FieldSchema, parent: Part, slot: Slot, context: DecodeContext): void {
  const { schema, node, hasConfig, used } = parent;
  if (property.default !== undefined)
    return decodeInto(property, nodeOf(property.default, slot.at), slot, context, true);
  if (property["x-kind"] === "ref" && property["x-fallback"] !== undefined) {
    return void decodeKind(property, nodeOf(null, slot.at), slot, context);
  }
  if (property["x-mode"] === "optional") return slot.set(undefined);
  if (schema.required?.includes(slot.key) !== true) return;
  const snake = snakeCase(slot.key);
  const found = snake !== slot.key && node?.entries.has(snake) === true ? snake : undefined;
  if (found !== undefined) used.add(found);
  const text = context.subject.missing(slot.key, slot.path, { hasConfig, snake: found });
  context.problem(new WorkflowError("config.required", text, { at: [slot.at] }));
}

/** Decodes one value and stores it, or reports why it cannot be used. */
export function decodeInto(
  schema: FieldSchema,
  node: Node,
  slot: Slot,
  context: DecodeContext,
  isRequired: boolean,
): void {
  const value =
    schema["x-kind"] === undefined
      ? decodeNative(schema, node, slot, context)
      : decodeKind(schema, node, slot, context);
  if (!(value instanceof Invalid)) {
    if (value !== undefined) slot.set(value);
    return;
  }
  const hasDefault = schema.default !== undefined;
  const isFatal = schema["x-invalid"] === "error" || (!hasDefault && isRequired);
  const text = context.subject.invalid(slot.key, slot.path, value.reason);
  const error = new WorkflowError("config.value", isFatal ? text : `${text}; ${fallbackText(schema)}`, {
    at: [node.at],
  });
  if (isFatal) return context.problem(error);
  context.warn(error);
  if (hasDefault) decodeInto(schema, nodeOf(schema.default, node.at), slot, context, true);
}

function fallbackText(schema: FieldSchema): string {
  return schema.default === undefined ? "it is ignored" : `the default ${JSON.stringify(schema.default)} is used`;
}

function decodeNative(schema: FieldSchema, node: Node, slot: Slot, context: DecodeContext): unknown {
  switch (schema.type) {
    case "string":
      return decodeString(schema, node);
    case "boolean":
      return decodeBoolean(node);
    case "array":
      return decodeList(schema, node, slot, context);
    case "object":
      return decodeMap(schema, node, slot, context);
    default:
      return new Invalid(`has a schema that cannot be decoded (${String(schema.type)})`);
  }
}

function decodeString(schema: FieldSchema, node: Node): unknown {
  if (node.kind !== "scalar") return new Invalid(`must be text, got ${typeName(node)}`);
  const text = writtenText(node);
  if (text.length < (schema.minLength ?? 0)) return new Invalid("must be a non-empty string");
  return text;
}

function decodeBoolean(node: Node): unknown {
  if (node.kind === "scalar") {
    if (typeof node.value === "boolean") return node.value;
    if (node.value === "true") return true;
    if (node.value === "false") return false;
  }
  return new Invalid(`must be true or false, got ${shownText(node)}`);
}

function decodeList(schema: FieldSchema, node: Node, slot: Slot, context: DecodeContext): unknown {
  if (node.kind !== "list") return new Invalid(`must be a list, got ${typeName(node)}`);
  if (node.items.length < (schema.minItems ?? 0)) return new Invalid("must not be empty");
  const items: unknown[] = [];
  const itemSchema = schema.items ?? {};
  for (const [index, item] of node.items.entries()) {
    const set = (value: unknown) => void (items[index] = value);
    decodeInto(itemSchema, item, { path: `${slot.path}[${index}]`, key: slot.key, at: item.at, set }, context, true);
  }
  return items;
}

function decodeMap(schema: FieldSchema, node: Node, slot: Slot, context: DecodeContext): unknown {
  if (node.kind !== "map") return new Invalid(`must be a map, got ${typeName(node)}`);
  const valueSchema = schema.patternProperties === undefined ? undefined : Object.values(schema.patternProperties)[0];
  if (valueSchema === undefined) return decodeObject(schema, node, slot, context, true);
  const result: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) {
    const set = (value: unknown) => void (result[key] = value);
    decodeInto(valueSchema, entry.value, { path: `${slot.path}.${key}`, key, at: entry.value.at, set }, context, true);
  }
  return result;
}

function decodeUnknown({ schema, node, slot, used, result }: Part, context: DecodeContext): void {
  const extra = schema.additionalProperties;
  for (const [key, entry] of node?.entries ?? []) {
    if (used.has(key)) continue;
    if (typeof extra === "object") {
      const set = (value: unknown) => void (result[key] = value);
      decodeInto(extra, entry.value, { path: `${slot.path}.${key}`, key, at: entry.value.at, set }, context, true);
      continue;
    }
    if (extra === true) continue;
    context.warn(unknownKey(key, schema, slot, entry.keyAt));
  }
}

function unknownKey(key: string, schema: FieldSchema, slot: Slot, at: Position): WorkflowError {
  const properties = Object.entries(schema.properties ?? {});
  const names = properties.filter(([, field]) => field["x-hidden"] !== true).map(([name]) => name);
  const camel = names.find((name) => name !== key && snakeCase(name) === key);
  const path = `${slot.path}.${key}`;
  if (camel !== undefined) {
    const text = `${path}: config field "${key}" uses snake_case; use camelCase "${camel}" instead`;
    return new WorkflowError("config.unknown_key", text, { at: [at] });
  }
  const near = nearestName(key, names);
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  return new WorkflowError("config.unknown_key", `${path}: "${key}" is not known here and has no effect`, {
    at: [at],
    hint,
  });
}
