import { parse } from "yaml";
import { messageOf, WorkflowError } from "../../error/error.ts";
import { asMap, isPlainMap, ownValue } from "../../json/map.ts";

/** A part of an OpenAPI document and the JSON pointer that leads to it (RFC 6901), without the leading `#`. */
export interface Located {
  readonly value: unknown;
  readonly pointer: string;
}

/** One method of one path. */
export interface Operation {
  /** Upper case. */
  readonly method: string;
  /** The path as the document has it, with `{name}` parameters. */
  readonly path: string;
  readonly operationId: string;
  readonly located: Located;
  /** Parameters of the path and of the operation; of the same name and place, the operation's. */
  readonly parameters: readonly Located[];
}

/** An OpenAPI 3 document. */
export interface SpecDocument {
  readonly root: Record<string, unknown>;
  /** True when the text is JSON, which is YAML too. */
  readonly isJson: boolean;
  /** `3.0`, `3.1` or what stands there. */
  readonly version: string;
  readonly operations: readonly Operation[];
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** References followed in a row; beyond it they are taken for a circle. */
const referencesMax = 100;

/** Reads a document from YAML or JSON. Throws `config.syntax` or `config.value`: `parsing spec: …`. */
export function parseSpec(text: string): SpecDocument {
  const root = readRoot(text);
  const version = String(ownValue(root, "openapi") ?? "");
  if (Object.hasOwn(root, "swagger")) {
    throw new WorkflowError("config.value", "parsing spec: Swagger 2 documents are not read", {
      hint: "convert the document to OpenAPI 3",
    });
  }
  return {
    root,
    isJson: text.trimStart().startsWith("{"),
    version: version.split(".").slice(0, 2).join("."),
    operations: findOperations(root),
  };
}

function readRoot(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100, logLevel: "error" });
  } catch (error) {
    throw new WorkflowError("config.syntax", `parsing spec: ${messageOf(error)}`, { cause: error });
  }
  if (isPlainMap(value)) return value;
  throw new WorkflowError("config.value", "parsing spec: the document is not a map");
}

function findOperations(root: Record<string, unknown>): readonly Operation[] {
  const paths = asMap(ownValue(root, "paths"));
  return Object.keys(paths)
    .filter((path) => path.startsWith("/"))
    .flatMap((path) => {
      const item = follow(root, { value: paths[path], pointer: `/paths/${escaped(path)}` });
      return methods
        .filter((method) => isPlainMap(ownValue(item.value, method)))
        .map((method) => operationOf(root, { path, method, item }));
    });
}

function operationOf(
  root: Record<string, unknown>,
  { path, method, item }: { readonly path: string; readonly method: string; readonly item: Located },
): Operation {
  const located = child(root, item, method);
  const parameters = new Map<string, Located>();
  for (const holder of [item, located]) {
    for (const parameter of items(root, child(root, holder, "parameters"))) {
      const key = `${String(ownValue(parameter.value, "in"))} ${String(ownValue(parameter.value, "name"))}`;
      parameters.set(key, parameter);
    }
  }
  const operationId = ownValue(located.value, "operationId");
  return {
    method: method.toUpperCase(),
    path,
    operationId: typeof operationId === "string" ? operationId : "",
    located,
    parameters: [...parameters.values()],
  };
}

/** A member of a map of the document, with references followed; its value is undefined when it is not there. */
export function child(root: Record<string, unknown>, parent: Located, key: string): Located {
  return follow(root, { value: ownValue(parent.value, key), pointer: `${parent.pointer}/${escaped(key)}` });
}

/** The items of a list of the document. */
export function items(root: Record<string, unknown>, list: Located): readonly Located[] {
  if (!Array.isArray(list.value)) return [];
  return list.value.map((value: unknown, index) => follow(root, { value, pointer: `${list.pointer}/${index}` }));
}

/** Follows `$ref` inside the document. A reference that leads nowhere, or to another file, gives undefined. */
function follow(root: Record<string, unknown>, start: Located): Located {
  let located = start;
  for (let count = 0; count < referencesMax; count++) {
    const reference = ownValue(located.value, "$ref");
    if (typeof reference !== "string") return located;
    if (!reference.startsWith("#/")) return { value: undefined, pointer: reference };
    located = { value: atPointer(root, reference.slice(1)), pointer: reference.slice(1) };
  }
  return { value: undefined, pointer: start.pointer };
}

function atPointer(root: Record<string, unknown>, pointer: string): unknown {
  let value: unknown = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = decoded(part);
    value = Array.isArray(value) ? value[Number(key)] : ownValue(value, key);
  }
  return value;
}

function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function decoded(part: string): string {
  return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
}
