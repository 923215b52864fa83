import { defineStep } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import type { Frame, StepOutcome } from "../../port/frame.ts";
import { count, templateValue, Type, valuePath, type WrittenTemplate } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import type { PathExpression } from "../../template/expression.ts";
import { compileBody } from "./response_body.ts";
import { isBodiless, responseHeaders } from "./response_header.ts";

/** Answers the HTTP request with JSON and ends the run. */
export default defineStep({
  type: "step.json_response",
  summary: "Answer the HTTP request with JSON and end the pipeline.",
  category: "pipeline",
  effect: "pure",
  endsRun: true,
  config: Type.Object({
    status: count({ description: "HTTP status.", default: 200, minimum: 200, maximum: 599 }),
    headers: Type.Record(Type.String(), Type.String({ description: "Value." }), {
      description: "Response headers.",
      default: {},
    }),
    body: Type.Optional(
      templateValue({
        from: "paths",
        description: "Body; in maps strings may hold templates and `{_from: path}` takes a typed value.",
      }),
    ),
    body_from: Type.Optional(valuePath("body", { description: "Path of a value to send instead of `body`." })),
  }),
  output: outputOf(["status", "body"]),
  build({ name }, { status, headers, body, body_from }) {
    const content = contentOf(body, body_from);
    const sent = responseHeaders(headers, "application/json");
    const answered: StepOutcome = Object.freeze({ output: Object.freeze({ status }), stop: true });
    const hasBody = content !== undefined && !isBodiless(status);
    return (frame) => {
      const { exchange } = frame;
      try {
        if (exchange === undefined) return { output: outputWithout(status, content, frame), stop: true };
        exchange.respond(status, sent, hasBody ? content.text(frame) : null);
      } catch (error) {
        // A template that fails fails the step: unresolved templates are never sent.
        throw prefixed(`json_response step "${name}": `, error, "step.template");
      }
      return answered;
    };
  },
});

/** What there is to send: a text of null is an empty body. */
interface Content {
  value(frame: Frame): unknown;
  text(frame: Frame): string | null;
}

function contentOf(body: WrittenTemplate | undefined, from: PathExpression | undefined): Content | undefined {
  if (from === undefined) return body === undefined ? undefined : compileBody(body.written, body.options);
  return {
    value: (frame) => from.get(frame),
    text(frame) {
      const value = from.get(frame);
      return value === undefined || value === null ? null : encodeJsonLine(value);
    },
  };
}

function outputWithout(status: number, content: Content | undefined, frame: Frame): Record<string, unknown> {
  const body = content?.value(frame);
  return body === undefined ? { status } : { status, body };
}
