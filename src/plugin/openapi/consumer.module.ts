import { defineModule } from "../../define/define.ts";
import { messageOf, placed, prefixed, WorkflowError } from "../../error/error.ts";
import { isPlainMap, ownValue } from "../../json/map.ts";
import { Executor } from "../../port/service.ts";
import type { HealthStatus } from "../../port/runtime.ts";
import { duration, file, type FileContent, position, Type } from "../../schema/field.ts";
import type { Clock } from "../../time/clock.ts";
import { findOperation, operationRequest, readText, sendRequest, serverUrl } from "./operation_call.ts";
import { parseSpec, type SpecDocument } from "./spec_document.ts";

/** Calls the operations of a service by its OpenAPI document. */
export default defineModule({
  type: "openapi.consumer",
  summary: "Client for a service that is described by an OpenAPI 3 document.",
  category: "openapi",
  provides: [Executor],
  config: Type.Object({
    at: position(),
    specUrl: Type.String({ description: "URL of the document; `specFile` goes before it.", default: "" }),
    specFile: Type.Optional(file({ description: "File with the document, YAML or JSON." })),
    fieldMapping: Type.Record(Type.String(), Type.String({ description: "Name in the service." }), {
      description: "Names that keys of the data have in the service.",
      default: {},
    }),
    timeout: duration({ description: "Time for loading the document, and for each call.", default: "30s", minimum: 1 }),
  }),
  create({ name, log, runtime }, config) {
    const source = new SpecSource(config, name);
    const mapping = new Map(Object.entries(config.fieldMapping));
    const limits = { clock: runtime.clock, timeoutMs: config.timeout };
    const service: Executor = {
      execute: (parameters, signal) =>
        withTimeout(limits, signal, async (limited) => {
          const document = await source.load(limited);
          const { operationId, data } = readCall(parameters, name);
          const operation = findOperation(document, operationId);
          const base = serverUrl(document, source.url);
          const mapped = Object.entries(data).map(([key, value]) => [mapping.get(key) ?? key, value] as const);
          const request = operationRequest(document, operation, { base, data: Object.fromEntries(mapped) });
          return { ...(await sendRequest(request, limited)) };
        }),
    };
    return {
      service,
      async start(scope) {
        try {
          const { operations } = await withTimeout(limits, scope.signal, (limited) => source.load(limited));
          log.info("OpenAPI spec loaded", { source: source.name, operations: operations.length });
        } catch (error) {
          // The service may only be late: the document is loaded when it is first needed.
          log.warn("OpenAPI spec cannot be loaded yet", { source: source.name, error: messageOf(error) });
        }
      },
      health: (): HealthStatus =>
        source.isLoaded ? { status: "healthy" } : { status: "degraded", message: "the OpenAPI spec is not loaded" },
    };
  },
});

interface SourceConfig {
  readonly at: WorkflowError["at"][number];
  readonly specUrl: string;
  readonly specFile?: FileContent;
}

/** Where a document comes from: a file that was read with the configuration, or a URL that is asked once. */
class SpecSource {
  readonly name: string;
  readonly url: URL | undefined;
  #document: SpecDocument | undefined;

  constructor({ at, specUrl, specFile }: SourceConfig, module: string) {
    const fail = (text: string) =>
      new WorkflowError("config.value", `openapi.consumer "${module}": ${text}`, { at: [at] });
    if (specFile !== undefined) {
      this.name = specFile.name;
      this.#document = parsed(specFile, module);
      return;
    }
    if (specUrl === "") throw fail("'specUrl' or 'specFile' is required");
    const url = URL.parse(specUrl);
    if (url === null || !/^https?:$/.test(url.protocol)) throw fail(`specUrl "${specUrl}" is not an http or https URL`);
    this.name = url.href;
    this.url = url;
  }

  get isLoaded(): boolean {
    return this.#document !== undefined;
  }

  async load(signal: AbortSignal): Promise<SpecDocument> {
    this.#document ??= await this.#fetch(signal);
    return this.#document;
  }

  async #fetch(signal: AbortSignal): Promise<SpecDocument> {
    try {
      const answer = await fetch(this.name, { signal });
      if (!answer.ok) throw new WorkflowError("step.upstream", `status ${answer.status}`);
      return parseSpec(await readText(answer));
    } catch (error) {
      throw prefixed(`loading the OpenAPI spec from ${this.name}: `, error, "step.upstream");
    }
  }
}

function parsed({ text, at, name: file }: FileContent, module: string): SpecDocument {
  try {
    return parseSpec(text);
  } catch (error) {
    throw placed(prefixed(`openapi.consumer "${module}": ${file}: `, error, "config.value"), at);
  }
}

/** `{operationId, data}`; without `data`, everything beside the id is the data. */
function readCall(
  parameters: Readonly<Record<string, unknown>>,
  module: string,
): { readonly operationId: string; readonly data: Readonly<Record<string, unknown>> } {
  const { operationId, ...rest } = parameters;
  if (typeof operationId !== "string" || operationId === "") {
    throw new WorkflowError("step.invalid_input", `openapi.consumer "${module}": 'operationId' is required`);
  }
  const data = ownValue(rest, "data");
  return { operationId, data: isPlainMap(data) ? data : rest };
}

/** Runs work under a signal that also aborts when it takes too long. */
async function withTimeout<T>(
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const error = new WorkflowError("step.upstream", `no answer within ${timeoutMs} ms`, { status: 504 });
  const cancelTimer = clock.setTimeout(timeoutMs, () => late.abort(error));
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    cancelTimer();
  }
}
