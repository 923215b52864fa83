import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { Exchange, insideConnection } from "../../port/exchange.ts";
import type { Frame, StepOutcome } from "../../port/frame.ts";
import { type Handle, HttpHandler } from "../../port/http.ts";
import { lateRef, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { jsonOrText } from "./json_or_text.ts";

/** Lets a module answer the request. */
export default defineStep({
  type: "step.delegate",
  summary: "Hand the request to an HTTP handler and end the pipeline; without a request, call the handler.",
  category: "pipeline",
  effect: "write",
  config: Type.Object({
    service: lateRef(HttpHandler, { description: "Module that answers." }),
  }),
  output: outputOf(["delegated_to", "status_code", "body"]),
  build({ name }, { service }) {
    const prefix = `delegate step "${name}": `;
    const handle = service.find()?.handler({ method: "", path: `step ${name}` });
    return async (frame) => {
      if (handle === undefined) {
        const text = `${prefix}service "${service.name}" not found in registry as an HTTP handler`;
        throw new WorkflowError("run.missing_service", text, { at: [service.at] });
      }
      try {
        return await (frame.exchange === undefined
          ? callInside(handle, service.name, frame)
          : answer(handle, service.name, frame.exchange));
      } catch (error) {
        throw prefixed(prefix, error);
      }
    };
  },
});

async function answer(handle: Handle, service: string, exchange: Exchange): Promise<StepOutcome> {
  const response = await handle(exchange);
  // The first answer wins: a step before may have written one already.
  exchange.reply ??= response;
  return { output: { delegated_to: service }, stop: true };
}

/** Calls the handler with a request made of the run's data. */
async function callInside(handle: Handle, service: string, frame: Frame): Promise<StepOutcome> {
  const { method, path, body } = frame.trigger;
  const verb = typeof method === "string" && method !== "" ? method : "GET";
  const target = typeof path === "string" && path.startsWith("/") ? path : "/";
  const hasBody = verb !== "GET" && verb !== "HEAD";
  const request = new Request(`http://localhost${target}`, {
    method: verb,
    headers: { "content-type": "application/json" },
    body: hasBody ? encodeJson(body ?? null) : null,
    signal: frame.signal,
  });
  const response = await handle(new Exchange(request, insideConnection));
  const text = await response.text();
  return { output: { delegated_to: service, status_code: response.status, body: jsonOrText(text) } };
}
