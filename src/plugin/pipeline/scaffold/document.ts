import { parse } from "yaml";
import { messageOf, WorkflowError } from "../../../error/error.ts";
import { asMap, isPlainMap, ownValue } from "../../../json/map.ts";
import { parseJson } from "../../../json/parse.ts";
import type { Frame } from "../../../port/frame.ts";

/** Most characters of a document in YAML. Reading holds up everything else for about a second per 2 million. */
const yamlLengthMax = 1024 * 1024;

/** References followed in a row; beyond it they are taken for a circle. */
const referencesMax = 100;

/**
 * The OpenAPI document that a run is given: the body of its request, else the current value `spec`, else the body it
 * was triggered with. Throws `step.invalid_input` when there is none, or what is there is no OpenAPI document.
 */
export async function documentOf(frame: Frame): Promise<Record<string, unknown>> {
  const source = await sourceOf(frame);
  if (source === undefined) throw invalid("no OpenAPI spec provided in request body");
  const root = typeof source === "string" ? readText(source) : source;
  if (!isPlainMap(root)) throw invalid("the OpenAPI spec is not a map");
  if (Object.hasOwn(root, "swagger")) throw invalid("Swagger 2 documents are not read; convert it to OpenAPI 3");
  // `openapi: 3.0` without quotes is the number 3.
  if (!/^3(\.|$)/.test(String(ownValue(root, "openapi"))))
    throw invalid("not an OpenAPI 3 document: 'openapi' must say its version, such as 3.1.0");
  return root;
}

async function sourceOf({ exchange, current, trigger }: Frame): Promise<unknown> {
  const text = exchange?.hasBody === true ? await exchange.text() : "";
  return [text, ownValue(current, "spec"), ownValue(trigger, "body")].find(isSource);
}

function isSource(value: unknown): boolean {
  return typeof value === "string" ? value.trim() !== "" : isPlainMap(value);
}

function readText(text: string): unknown {
  const isJson = text.trimStart().startsWith("{");
  if (!isJson && text.length > yamlLengthMax)
    throw invalid(`the OpenAPI spec is longer than ${yamlLengthMax} characters; send it as JSON`, 413);
  try {
    return isJson ? parseJson(text) : parse(text, { maxAliasCount: 100, logLevel: "error" });
  } catch (error) {
    throw new WorkflowError("step.invalid_input", `parsing spec: ${messageOf(error)}`, { cause: error });
  }
}

/** A value of the document with its references followed; undefined when one leads nowhere or to another document. */
export function follow(root: Record<string, unknown>, start: unknown): unknown {
  let value = start;
  for (let count = 0; count < referencesMax; count++) {
    const reference = ownValue(value, "$ref");
    if (typeof reference !== "string") return value;
    value = reference.startsWith("#/") ? atPointer(root, reference) : undefined;
  }
  return undefined;
}

function atPointer(root: Record<string, unknown>, reference: string): unknown {
  let value: unknown = root;
  for (const part of reference.slice("#/".length).split("/")) {
    const key = percentDecoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
    value = Array.isArray(value) ? value[Number(key)] : ownValue(value, key);
  }
  return value;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded: then it is meant as it stands.
    return text;
  }
}

/** The schema of the JSON content of a request body or response, references followed; undefined without one. */
export function jsonSchemaOf(root: Record<string, unknown>, holder: unknown): unknown {
  const content = asMap(ownValue(follow(root, holder), "content"));
  const type = Object.keys(content).find((name) => /[/+]json\b/.test(name)) ?? Object.keys(content)[0];
  return type === undefined ? undefined : follow(root, ownValue(content[type], "schema"));
}

/** Refuses a document. */
export function invalid(message: string, status = 400): WorkflowError {
  return new WorkflowError("step.invalid_input", message, { status });
}
