import { prefixed } from "../../error/error.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import { ownValue } from "../../json/map.ts";
import type { Exchange } from "../../port/exchange.ts";
import type { Handle } from "../../port/http.ts";
import type { Pipeline, PipelineDirectory } from "../../port/pipeline.ts";
import { type BodyCheck, compileBody, tooLarge } from "./body_check.ts";
import { compileParameter, type ParameterCheck } from "./parameter_check.ts";
import type { SchemaChecker } from "./schema_checker.ts";
import type { Operation, SpecDocument } from "./spec_document.ts";

/** What the operations of a document share. */
export interface OperationOptions {
  readonly document: SpecDocument;
  /** Checks requests; undefined when they are taken as they come. */
  readonly checker: SchemaChecker | undefined;
  readonly bytesMax: number;
  readonly pipelines: PipelineDirectory;
}

/** The pipeline that an operation names in `x-pipeline`; empty when it names none. */
export function pipelineName(operation: Operation): string {
  const name = ownValue(operation.located.value, "x-pipeline");
  return typeof name === "string" ? name : "";
}

/** Makes the handler of an operation: it checks the request, and runs the operation's pipeline. */
export function operationHandle(operation: Operation, options: OperationOptions): Handle {
  const check = requestCheck(operation, options);
  const name = pipelineName(operation);
  const { method, operationId, path } = operation;
  const notImplemented = { error: "not implemented", method, operationId, path };
  let pipeline: Pipeline | undefined;
  return async (exchange) => {
    const refused = await check(exchange);
    if (refused !== undefined) return refused;
    if (name === "") return json(501, notImplemented);
    // Pipelines are built after modules, so it cannot be looked up before.
    pipeline ??= options.pipelines.find(name);
    if (pipeline === undefined) return json(502, { error: `pipeline "${name}" not found` });
    return run(pipeline, exchange, options.bytesMax);
  };
}

type RequestCheck = (exchange: Exchange) => Promise<Response | undefined>;

function requestCheck(operation: Operation, { document, checker, bytesMax }: OperationOptions): RequestCheck {
  if (checker === undefined) return () => Promise.resolve(undefined);
  const { root } = document;
  const parameters = operation.parameters
    .map((parameter) => compileParameter(root, parameter, checker))
    .filter((check): check is ParameterCheck => check !== undefined);
  const body: BodyCheck | undefined = compileBody(root, operation.located, { checker, bytesMax });
  return async (exchange) => {
    const errors = parameters.flatMap((check) => check(exchange));
    const fault = await body?.(exchange);
    if (errors.length === 0 && fault === undefined) return undefined;
    // A body that is refused for what it is says so in the status, unless something else is wrong too.
    const status = errors.length === 0 ? (fault?.status ?? 400) : 400;
    return json(status, { error: "request validation failed", errors: [...errors, ...(fault?.errors ?? [])] });
  };
}

async function run(pipeline: Pipeline, exchange: Exchange, bytesMax: number): Promise<Response> {
  const data: Record<string, unknown> = {};
  for (const [name, value] of exchange.query) if (!Object.hasOwn(data, name)) setOwn(data, name, value);
  if (exchange.hasBody) {
    if ((await exchange.bytes()).byteLength > bytesMax) {
      return json(413, { error: "request validation failed", errors: tooLarge(bytesMax).errors });
    }
    const body = (await exchange.jsonObject()) ?? {};
    for (const name of Object.keys(body)) if (!Object.hasOwn(data, name)) setOwn(data, name, body[name]);
  }
  try {
    const current = await pipeline.run(data, { exchange, pattern: exchange.pattern, trigger: "openapi" });
    return exchange.takeReply() ?? json(200, current);
  } catch (error) {
    // The pipeline has logged the failure; what a step has answered before it stands.
    const reply = exchange.takeReply();
    if (reply === undefined) throw prefixed("pipeline execution failed: ", error);
    return reply;
  }
}

/** An assignment to `__proto__` would change the map's prototype. */
function setOwn(data: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") data[name] = value;
}

function json(status: number, value: unknown): Response {
  return new Response(encodeJsonLine(value), { status, headers: { "content-type": "application/json" } });
}
