import { ownValue } from "../../json/map.ts";
import type { Exchange } from "../../port/exchange.ts";
import { decodePath } from "../../route/clean.ts";
import { parameterMessages } from "./schema_message.ts";
import type { Check, SchemaChecker } from "./schema_checker.ts";
import { child, type Located } from "./spec_document.ts";

/** Gives what is wrong with a parameter of a request. */
export type ParameterCheck = (exchange: Exchange) => readonly string[];

interface Parameter {
  readonly name: string;
  readonly place: "path" | "query" | "header" | "cookie";
  readonly isRequired: boolean;
  /** How values are written: a list as repeated parameters, or within one value. */
  readonly separator: "," | "|" | " " | undefined;
  readonly schema: Located;
}

/** Makes the check of a parameter; undefined for one that cannot be wrong. */
export function compileParameter(
  root: Record<string, unknown>,
  located: Located,
  checker: SchemaChecker,
): ParameterCheck | undefined {
  const parameter = readParameter(root, located);
  if (parameter === undefined) return undefined;
  const { name, place, isRequired } = parameter;
  const read = reader(parameter);
  const convert = converter(root, parameter.schema);
  const check: Check | undefined = checker.compile(parameter.schema);
  return (exchange) => {
    const texts = read(exchange);
    if (texts.length === 0) return isRequired ? [`required parameter "${name}" (in ${place}) is missing`] : [];
    if (convert === undefined) return [];
    const value = convert(texts);
    if (value instanceof Unreadable) return [`parameter "${name}" must be ${value.expected}, got "${value.text}"`];
    return check === undefined ? [] : parameterMessages(name, check(value, "all"));
  };
}

/** The name that a path parameter has in routes, where only letters, digits and `_` are possible. */
export function routeParameter(name: string): string {
  const safe = name.replaceAll(/[^\p{L}\p{Nd}_]/gu, "_");
  return /^[\p{L}_]/u.test(safe) ? safe : `_${safe}`;
}

/** Headers that documents describe elsewhere and that are no parameters (OpenAPI 3.0.3 §4.7.12.1). */
const ignoredHeaders: ReadonlySet<string> = new Set(["accept", "content-type", "authorization"]);

function readParameter(root: Record<string, unknown>, located: Located): Parameter | undefined {
  const name = ownValue(located.value, "name");
  const place = ownValue(located.value, "in");
  if (typeof name !== "string" || name === "") return undefined;
  if (place !== "path" && place !== "query" && place !== "header" && place !== "cookie") return undefined;
  if (place === "header" && ignoredHeaders.has(name.toLowerCase())) return undefined;
  const isForm = place === "query" || place === "cookie";
  const style = ownValue(located.value, "style") ?? (isForm ? "form" : "simple");
  const isExploded = ownValue(located.value, "explode") ?? style === "form";
  return {
    name,
    place,
    isRequired: place === "path" || ownValue(located.value, "required") === true,
    separator: separatorOf(String(style), isForm && isExploded === true),
    schema: child(root, located, "schema"),
  };
}

function separatorOf(style: string, isRepeated: boolean): Parameter["separator"] {
  if (isRepeated) return undefined;
  switch (style) {
    case "pipeDelimited":
      return "|";
    case "spaceDelimited":
      return " ";
    default:
      return ",";
  }
}

/** Reads the texts of a parameter: none when it is absent, several when it is a list. */
function reader({ name, place, separator, schema }: Parameter): (exchange: Exchange) => readonly string[] {
  const isList = typeOf(schema.value) === "array";
  const split = (text: string) => (isList && separator !== undefined ? text.split(separator) : [text]);
  const one = (text: string | null | undefined) => (text === null || text === undefined ? [] : split(text));
  switch (place) {
    case "path": {
      const inRoute = routeParameter(name);
      return ({ params }) => (Object.hasOwn(params, inRoute) ? one(params[inRoute]) : []);
    }
    case "query":
      if (isList && separator === undefined) return ({ query }) => query.getAll(name);
      return ({ query }) => one(query.get(name));
    case "header":
      return ({ headers }) => one(headers.get(name));
    case "cookie":
      return ({ headers }) => one(cookie(headers.get("cookie") ?? "", name));
  }
}

function cookie(header: string, name: string): string | undefined {
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) {
      const text = pair.slice(at + 1).trim();
      return decodePath(text) ?? text;
    }
  }
  return undefined;
}

/** A text that does not stand for a value of the type. */
class Unreadable {
  readonly expected: string;
  readonly text: string;
  constructor(expected: string, text: string) {
    this.expected = expected;
    this.text = text;
  }
}

/** Makes the function that turns texts into a value of the schema's type; objects are not checked. */
function converter(
  root: Record<string, unknown>,
  schema: Located,
): ((texts: readonly string[]) => unknown) | undefined {
  switch (typeOf(schema.value)) {
    case "object":
      return undefined;
    case "array": {
      const type = typeOf(child(root, schema, "items").value);
      return (texts) => {
        const values = texts.map((text) => scalar(type, text));
        return values.find((value) => value instanceof Unreadable) ?? values;
      };
    }
    default: {
      const type = typeOf(schema.value);
      return ([text = ""]) => scalar(type, text);
    }
  }
}

function scalar(type: string, text: string): unknown {
  switch (type) {
    case "integer":
      return /^[+-]?\d{1,30}$/.test(text) ? Number(text) : new Unreadable("an integer", text);
    case "number":
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : new Unreadable("a number", text);
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      return new Unreadable("'true' or 'false'", text);
    default:
      return text;
  }
}

/** The type that a schema names; of several (OpenAPI 3.1), the first that is not null. */
function typeOf(schema: unknown): string {
  const type = ownValue(schema, "type");
  if (Array.isArray(type)) return String(type.find((name) => name !== "null") ?? "null");
  return typeof type === "string" ? type : "";
}
