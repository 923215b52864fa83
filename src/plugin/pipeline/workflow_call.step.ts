import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { asMap } from "../../json/map.ts";
import type { Frame } from "../../port/frame.ts";
import type { Pipeline } from "../../port/pipeline.ts";
import type { Clock } from "../../time/clock.ts";
import { choice, duration, templateValue, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { compileOutputPath } from "../../template/expression.ts";

/** Most levels of pipelines that call each other; deeper is taken for an endless recursion. */
export const callDepthMax = 100;

/** Runs another pipeline, and waits for it or not. */
export default defineStep({
  type: "step.workflow_call",
  summary: "Run another pipeline and take over its result.",
  category: "pipeline",
  effect: "write",
  config: Type.Object({
    workflow: Type.String({ description: "Name of the pipeline.", minLength: 1 }),
    mode: choice(["sync", "async"], {
      description: "`sync` waits for the result; `async` goes on at once, and the run outlives the request.",
      default: "sync",
    }),
    input: Type.Optional(
      templateValue({
        description: "Data the pipeline starts with; without it, all values of this run.",
        shape: "map",
      }),
    ),
    output_mapping: Type.Optional(
      Type.Record(Type.String(), Type.String({ description: "Path in the result." }), {
        description: "Map of output names to paths in the result; without it, all is put under `result`.",
      }),
    ),
    timeout: duration({ description: "Longest time to wait for the result.", default: "30s" }),
  }),
  output: ({ mode, output_mapping }) => {
    if (mode === "async") return outputOf(["workflow", "mode", "dispatched"]);
    return outputOf(output_mapping === undefined ? ["result"] : Object.keys(output_mapping));
  },
  calls: ({ workflow }) => [workflow],
  build({ name, pipeline, runtime }, { workflow, mode, input, output_mapping, timeout }) {
    const prefix = `workflow_call step "${name}": `;
    const shape = resultShape(output_mapping);
    const { pipelines, clock } = runtime;
    const prepare = (frame: Frame): Call => {
      const target = pipelines.find(workflow);
      if (target === undefined) {
        const text = `pipeline "${workflow}" not found — ensure it is defined in the application config`;
        throw new WorkflowError("run.unknown_pipeline", prefix + text);
      }
      const callDepth = frame.callDepth + 1;
      if (callDepth > callDepthMax) {
        const text = `${prefix}pipelines call each other in more than ${callDepthMax} levels`;
        throw new WorkflowError("run.too_deep", text, { hint: "look for pipelines that call themselves" });
      }
      const data = input === undefined ? { ...frame.current } : resolved(prefix, () => asMap(input.resolve(frame)));
      return { target, data, callDepth, trigger: `pipeline:${pipeline}`, pattern: target.pattern ?? frame.pattern };
    };
    if (mode === "async") {
      return (frame) => {
        const { target, data, ...options } = prepare(frame);
        target.runDetached(data, options);
        return { output: { workflow, mode: "async", dispatched: true } };
      };
    }
    return async (frame) => {
      const call = prepare(frame);
      try {
        return { output: shape(await runWithin(timeout, clock, call, frame)) };
      } catch (error) {
        throw prefixed(`${prefix}workflow "${workflow}" failed: `, error);
      }
    };
  },
});

interface Call {
  readonly target: Pipeline;
  readonly data: Record<string, unknown>;
  readonly callDepth: number;
  readonly trigger: string;
  readonly pattern: string;
}

/** Runs the pipeline with the caller's request, so that it may answer it, and with a deadline. */
async function runWithin(
  timeoutMs: number,
  clock: Clock,
  { target, data, ...options }: Call,
  { exchange, signal }: Frame,
): Promise<Record<string, unknown>> {
  const deadline = new AbortController();
  const late = new WorkflowError("run.timeout", "context deadline exceeded");
  const cancelTimer = clock.setTimeout(timeoutMs, () => deadline.abort(late));
  try {
    return await target.run(data, { ...options, exchange, signal: AbortSignal.any([signal, deadline.signal]) });
  } finally {
    cancelTimer();
  }
}

function resolved(prefix: string, resolve: () => Record<string, unknown>): Record<string, unknown> {
  try {
    return resolve();
  } catch (error) {
    throw prefixed(`${prefix}failed to resolve input: `, error, "step.template");
  }
}

/** What of the result becomes the step's output. */
function resultShape(
  mapping: Readonly<Record<string, string>> | undefined,
): (result: Record<string, unknown>) => Record<string, unknown> {
  if (mapping === undefined) return (result) => ({ result });
  const parts = Object.entries(mapping).map(([key, path]) => ({ key, read: compileOutputPath(path) }));
  return (result) => Object.fromEntries(parts.map(({ key, read }) => [key, read(result) ?? null]));
}
