import { defineStep } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import type { Frame } from "../../port/frame.ts";
import { count, template, Type, valuePath } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { printNested } from "../../template/print.ts";
import { isBodiless, responseHeaders } from "./response_header.ts";

/** Answers the HTTP request with a body of any content type and ends the run. */
export default defineStep({
  type: "step.raw_response",
  summary: "Answer the HTTP request with text of any content type and end the pipeline.",
  category: "pipeline",
  effect: "pure",
  endsRun: true,
  config: Type.Object({
    content_type: Type.String({ description: "Content type of the response, such as `text/html`.", minLength: 1 }),
    status: count({ description: "HTTP status.", default: 200, minimum: 200, maximum: 599 }),
    headers: Type.Record(Type.String(), Type.String({ description: "Value." }), {
      description: "Further response headers.",
      default: {},
    }),
    body: Type.Optional(template({ description: "Body of the response." })),
    body_from: Type.Optional(valuePath("body", { description: "Path of a value to send instead of `body`." })),
  }),
  output: outputOf(["status", "content_type", "body"]),
  build({ name }, { content_type, status, headers, body, body_from }) {
    const sent = responseHeaders(headers, content_type);
    const compute = (frame: Frame): string | Uint8Array =>
      body_from === undefined ? (body?.render(frame) ?? "") : bodyOf(body_from.get(frame));
    return (frame) => {
      const content = computed(name, compute, frame);
      const { exchange } = frame;
      if (exchange === undefined) return { output: { status, content_type, body: content }, stop: true };
      exchange.respond(status, sent, content.length === 0 || isBodiless(status) ? null : content);
      return { output: { status, content_type }, stop: true };
    };
  },
});

/** A template that fails fails the step: unresolved templates are never sent. */
function computed(name: string, compute: (frame: Frame) => string | Uint8Array, frame: Frame): string | Uint8Array {
  try {
    return compute(frame);
  } catch (error) {
    throw prefixed(`raw_response step "${name}": `, error, "step.template");
  }
}

function bodyOf(value: unknown): string | Uint8Array {
  if (value === undefined || value === null) return "";
  return value instanceof Uint8Array ? value : printNested(value);
}
