import { asMap, isPlainMap, ownValue } from "../../../json/map.ts";
import { follow, invalid, jsonSchemaOf } from "./document.ts";
import { type FormField, formFieldsOf } from "./form_field.ts";
import { camelName, uniqueName } from "./name.ts";

/** One method of one path. */
export interface ApiOperation {
  readonly funcName: string;
  /** Upper case. */
  readonly method: string;
  /** As the document has it, with `{name}` parameters. */
  readonly path: string;
  readonly hasBody: boolean;
  readonly pathParams: readonly string[];
  readonly fields: readonly FormField[];
  /** Whether the answer is a list, or an object with one. */
  readonly givesList: boolean;
}

const methods = ["get", "post", "put", "patch", "delete"];

/** More than this is no interface for people. */
const operationsMax = 1000;

/** The operations of a document, in its order. */
export function operationsOf(root: Record<string, unknown>): readonly ApiOperation[] {
  const taken = new Set<string>();
  const operations: ApiOperation[] = [];
  for (const [path, item] of Object.entries(asMap(ownValue(root, "paths")))) {
    if (!path.startsWith("/")) continue;
    const target = follow(root, item);
    for (const method of methods) {
      const operation = ownValue(target, method);
      if (!isPlainMap(operation)) continue;
      if (operations.length === operationsMax) throw invalid(`the spec has more than ${operationsMax} operations`);
      operations.push(operationOf(root, operation, { path, method, taken }));
    }
  }
  return operations;
}

function operationOf(
  root: Record<string, unknown>,
  operation: Record<string, unknown>,
  { path, method, taken }: { readonly path: string; readonly method: string; readonly taken: Set<string> },
): ApiOperation {
  const body = ownValue(operation, "requestBody");
  return {
    funcName: uniqueName(funcName(ownValue(operation, "operationId"), method, path), taken),
    method: method.toUpperCase(),
    path,
    hasBody: body !== undefined,
    pathParams: [...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? ""),
    fields: formFieldsOf(root, jsonSchemaOf(root, body)),
    givesList: givesList(root, operation),
  };
}

function funcName(operationId: unknown, method: string, path: string): string {
  if (typeof operationId === "string" && /[a-z]/i.test(operationId)) return camelName(operationId, method);
  return camelName(`${method} ${path.replaceAll(/\{([^{}]+)\}/g, " by $1 ")}`, method);
}

function givesList(root: Record<string, unknown>, operation: Record<string, unknown>): boolean {
  const responses = asMap(ownValue(operation, "responses"));
  const status = Object.keys(responses).find((code) => code.startsWith("2"));
  const schema = status === undefined ? undefined : jsonSchemaOf(root, responses[status]);
  if (isList(schema)) return true;
  return Object.values(asMap(ownValue(schema, "properties"))).some((value) => isList(follow(root, value)));
}

function isList(schema: unknown): boolean {
  return ownValue(schema, "type") === "array";
}
