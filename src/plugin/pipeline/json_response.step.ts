import { defineStep } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import type { Frame } from "../../port/frame.ts";
import { count, templateValue, Type, valuePath } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { type ComputeBody, compileBody } from "./response_body.ts";

/** Answers the HTTP request with JSON and ends the run. */
export default defineStep({
  type: "step.json_response",
  summary: "Answer the HTTP request with JSON and end the pipeline.",
  category: "pipeline",
  effect: "write",
  endsRun: true,
  config: Type.Object({
    status: count({ description: "HTTP status.", default: 200, minimum: 100, maximum: 999 }),
    headers: Type.Record(Type.String(), Type.String({ description: "Value." }), {
      description: "Response headers.",
      default: {},
    }),
    body: Type.Optional(
      templateValue({
        description: "Body; in maps strings may hold templates and `{_from: path}` takes a typed value.",
      }),
    ),
    body_from: Type.Optional(valuePath("body", { description: "Path of a value to send instead of `body`." })),
  }),
  output: outputOf(["status", "body"]),
  build({ name }, { status, headers, body, body_from }) {
    const compute = bodyComputer(body?.written, body_from);
    const all = withType(headers);
    return (frame) => {
      const value = computed(name, compute, frame);
      const { exchange } = frame;
      if (exchange === undefined)
        return { output: value === undefined ? { status } : { status, body: value }, stop: true };
      exchange.respond(status, all, value === undefined || value === null ? null : encodeJsonLine(value));
      return { output: { status }, stop: true };
    };
  },
});

function bodyComputer(written: unknown, from: { get(frame: Frame): unknown } | undefined): ComputeBody | undefined {
  if (from !== undefined) return (scope) => from.get(scope as Frame);
  return written === undefined ? undefined : compileBody(written);
}

/** A template that fails fails the step: unresolved templates are never sent. */
function computed(name: string, compute: ComputeBody | undefined, frame: Frame): unknown {
  try {
    return compute?.(frame);
  } catch (error) {
    throw prefixed(`json_response step "${name}": `, error, "step.template");
  }
}

function withType(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
  return { "content-type": "application/json", ...lower };
}
