import Type, { type TSchema, type TUnsafe } from "typebox";
import type { Position } from "../error/error.ts";
import type { Secret } from "../log/secret.ts";
import type { PathExpression } from "../template/expression.ts";
import type { Template, TemplateOptions } from "../template/template.ts";
import type { TemplateValue } from "../template/template_map.ts";
import type { Cron } from "../time/cron.ts";
import type { Node } from "./node.ts";

export { Type };

/** Names the decoder of a field. Each has one entry in `decode_kind.ts` and one form control. */
export type FieldKind =
  | "any"
  | "choice"
  | "count"
  | "cron"
  | "duration"
  | "expression"
  | "file"
  | "node"
  | "path"
  | "position"
  | "real"
  | "ref"
  | "refs"
  | "secret"
  | "size"
  | "sql"
  | "steps"
  | "template"
  | "templateValue";

/** What every field may say. `description` is user documentation and ends with a full stop. */
export interface FieldOptions<D> {
  readonly description: string;
  readonly default?: D;
  /** Other keys that mean the same. */
  readonly aliases?: readonly string[];
  /** What a value of the wrong form does: `default` warns and uses the default, `error` refuses the configuration. */
  readonly invalid?: "default" | "error";
  readonly examples?: readonly unknown[];
}

function field<T>(kind: FieldKind, schema: Record<string, unknown>, options: object): TUnsafe<T> {
  // The builders below type their own options; here they are only keywords of a schema.
  const { aliases, invalid, port, ...rest } = options as Record<string, unknown>;
  return Type.Unsafe<T>({
    ...schema,
    ...rest,
    "x-kind": kind,
    ...(aliases === undefined ? {} : { "x-aliases": aliases }),
    ...(invalid === undefined ? {} : { "x-invalid": invalid }),
    ...(port === undefined ? {} : { "x-port": port }),
  });
}

interface Range {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A whole number; numeric strings are accepted. */
export function count(options: FieldOptions<number> & Range): TUnsafe<number> {
  return field("count", { type: "integer" }, options);
}

/** A number; numeric strings are accepted. */
export function real(options: FieldOptions<number> & Range): TUnsafe<number> {
  return field("real", { type: "number" }, options);
}

/** Go duration syntax, plus `d`; decoded to milliseconds. `minimum` is in milliseconds. */
export function duration(options: FieldOptions<string> & Range): TUnsafe<number> {
  return field("duration", { type: "string" }, options);
}

/** A number of bytes, as a number or text such as `10MiB`; decoded to bytes. */
export function size(options: FieldOptions<string | number> & Range): TUnsafe<number> {
  return field("size", { type: ["string", "integer"] }, options);
}

/** One of a closed set of words. */
export function choice<const T extends string>(values: readonly T[], options: FieldOptions<T>): TUnsafe<T> {
  return field("choice", { type: "string", enum: values }, options);
}

/** Text with `{{ }}` actions, compiled once. */
export function template(options: FieldOptions<string>): TUnsafe<Template> {
  return field("template", { type: "string" }, options);
}

/** A compiled value together with what was written. */
export interface WrittenTemplate extends TemplateValue {
  readonly written: unknown;
  /** What its templates may use, for a component that compiles what was written in its own way. */
  readonly options: TemplateOptions;
}

/** Any YAML value whose strings may hold `{{ }}` actions. `shape` limits what stands at the top. */
export function templateValue(
  options: FieldOptions<unknown> & {
    readonly shape?: "any" | "map" | "list";
    /** A map with the one key `_from` stands for the value at that path. */
    readonly from?: "paths";
  },
): TUnsafe<WrittenTemplate> {
  const { shape, from, ...rest } = options;
  const type = shape === "map" ? { type: "object" } : shape === "list" ? { type: "array" } : {};
  return field("templateValue", { ...type, ...(from === undefined ? {} : { "x-from": true }) }, rest);
}

/** How a path to a value is written; `docs/guide/pipelines.md` lists the forms. */
export type PathForm = "body" | "dotted" | "source" | "collection";

/** A path to a value of the run, compiled once. */
export function valuePath(
  form: PathForm,
  options: FieldOptions<string> & { readonly roots?: readonly ("steps" | "trigger" | "meta")[] },
): TUnsafe<PathExpression> {
  const { roots, ...rest } = options;
  const extra = roots === undefined ? {} : { "x-roots": roots };
  return field("expression", { type: "string", "x-form": form, ...extra }, rest);
}

/** A path or pipeline without braces that is evaluated as a template: `status`, or `status | lower`. */
export function fieldPath(options: FieldOptions<string> & { readonly wrap?: "field" | "action" }): TUnsafe<Template> {
  const { wrap, ...rest } = options;
  return field("expression", { type: "string", "x-form": wrap ?? "field" }, rest);
}

/** Any YAML value, as written. */
export function any(options: FieldOptions<unknown>): TUnsafe<unknown> {
  return field("any", {}, options);
}

/** A map with any values, as written. */
export function anyMap(options: FieldOptions<Record<string, unknown>>): TUnsafe<Record<string, unknown>> {
  return field("any", { type: "object" }, options);
}

/** The syntax tree of a value, for the few components that read a dialect of their own with positions. */
export function node(options: FieldOptions<unknown>): TUnsafe<Node> {
  return field("node", {}, options);
}

/** A text that is never shown again. */
export function secret(options: FieldOptions<string>): TUnsafe<Secret> {
  return field("secret", { type: "string" }, options);
}

/** A file name, decoded to an absolute path: from the configuration file, or for data from the working directory. */
export function path(options: FieldOptions<string> & { readonly base: "config" | "work" }): TUnsafe<string> {
  const { base, ...rest } = options;
  return field("path", { type: "string", "x-base": base }, rest);
}

/** A file that is read with the configuration. */
export interface FileContent {
  /** The name as written. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
  readonly at: Position;
}

/** A file relative to the configuration file; a file that cannot be read is a problem of the configuration. */
export function file(options: FieldOptions<string>): TUnsafe<FileContent> {
  return field("file", { type: "string" }, options);
}

/** SQL text. `{{` in it is refused: values belong into `params`. */
export function sql(options: FieldOptions<string>): TUnsafe<string> {
  return field("sql", { type: "string" }, options);
}

/** A cron expression with five or six fields, `@hourly` and the like, or `@every 5s`. */
export function cron(options: FieldOptions<string>): TUnsafe<Cron> {
  return field("cron", { type: "string" }, options);
}

/** A role that services play. Ports are compared by name. */
export interface Port<T> {
  readonly name: string;
  /** What users call a service of this role, with its article: `a message broker`. */
  readonly title: string;
  /** Never present: carries the service's type. */
  readonly service?: T;
}

/** Declares a role. */
export function definePort<T>(name: string, title: string): Port<T> {
  return { name, title };
}

/** A reference that is resolved when it is used. `get` throws `run.missing_service` when nothing plays the role. */
export interface LateRef<T> {
  readonly name: string;
  readonly at: Position;
  get(): T;
  /** The service, or undefined when it is missing or plays another role. */
  find(): T | undefined;
}

/** How a reference finds its service when the configuration does not name one. */
export type RefFallback =
  /** The first service with the role, in file order. */
  | "first"
  /** The router a module belongs to: of its `dependsOn`, then of a server in its `dependsOn`, then the first. */
  | "affinity"
  /** These service names in turn, and then the first service with the role. */
  | readonly string[];

type RefOptions = FieldOptions<string> & { readonly fallback?: RefFallback };

function refField<T>(mode: string, port: Port<unknown> | undefined, options: RefOptions): TUnsafe<T> {
  const { fallback, ...rest } = options;
  const extra = fallback === undefined ? {} : { "x-fallback": fallback };
  const portName = port === undefined ? {} : { "x-port": port.name, "x-port-title": port.title };
  return field("ref", { type: "string", "x-mode": mode, ...portName, ...extra }, rest);
}

/** A service that must be there when the configuration is built. It starts before its user. */
export function ref<T>(port: Port<T>, options: RefOptions): TUnsafe<T> {
  return refField("required", port, options);
}

/** A service that may be absent: by not being named, or by not being defined. */
export function optionalRef<T>(port: Port<T>, options: RefOptions): TUnsafe<T | undefined> {
  return refField("optional", port, options);
}

/** A service that is looked for when it is used; a dangling name is a warning. */
export function lateRef<T>(port: Port<T>, options: RefOptions): TUnsafe<LateRef<T>> {
  return refField("late", port, options);
}

/** Any service, whatever its role, looked for when it is used. */
export function anyRef(options: RefOptions): TUnsafe<LateRef<object>> {
  return refField("late", undefined, options);
}

/** Which services with a role a `refAll` stands for. */
export type RefSelection =
  | "every"
  /** Those in the module's `dependsOn`; else those that depend on something in it; else every one. */
  | "affinity";

/** Services with the role, every one unless `select` narrows it, in file order; not a key of the file. */
export function refAll<T>(
  port: Port<T>,
  options: { readonly description: string; readonly select?: RefSelection },
): TUnsafe<readonly T[]> {
  const { select = "every", ...rest } = options;
  const extra = select === "every" ? {} : { "x-fallback": select };
  return field("refs", { type: "null", "x-port": port.name, "x-hidden": true, ...extra }, rest);
}

/** Where the surrounding map stands, for messages; not a key of the file. */
export function position(): TUnsafe<Position> {
  return field("position", { type: "null", "x-hidden": true }, { description: "Place in the file." });
}

/** A step or a list of steps inside a step, in the flat form (settings beside `type`). Decoded to planned steps. */
export function steps<T>(options: FieldOptions<unknown> & { readonly form: "one" | "list" }): TUnsafe<T> {
  const { form, ...rest } = options;
  return field("steps", { type: form === "one" ? "object" : "array", "x-form": form }, rest);
}

/** A schema as the decoder sees it: JSON Schema with the keywords of this module. */
export interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly additionalProperties?: boolean | FieldSchema;
  readonly patternProperties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  readonly minItems?: number;
  readonly "x-kind"?: FieldKind;
  readonly "x-aliases"?: readonly string[];
  readonly "x-invalid"?: "default" | "error";
  readonly "x-port"?: string;
  readonly "x-port-title"?: string;
  readonly "x-mode"?: "required" | "optional" | "late";
  readonly "x-fallback"?: RefFallback;
  readonly "x-base"?: "config" | "work";
  readonly "x-form"?: "one" | "list" | PathForm | "field" | "action";
  readonly "x-roots"?: readonly ("steps" | "trigger" | "meta")[];
  readonly "x-hidden"?: boolean;
  readonly "x-from"?: boolean;
}

/** Views a TypeBox schema as the decoder does. */
export function fieldSchema(schema: TSchema): FieldSchema {
  // TypeBox types each keyword on its own; every schema is made by the builders of this file.
  return schema as unknown as FieldSchema;
}
