import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { asMap } from "../../json/map.ts";
import type { Frame, StepOutcome } from "../../port/frame.ts";
import { choice, duration, templateValue, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import {
  callKey,
  callWithin,
  nextCallDepth,
  type PipelineCall,
  resolveInput,
  resultShape,
} from "./nested/pipeline_call.ts";

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
    const prepare = (frame: Frame): PipelineCall => {
      const target = pipelines.find(workflow);
      if (target === undefined) {
        const text = `pipeline "${workflow}" not found — ensure it is defined in the application config`;
        throw new WorkflowError("run.unknown_pipeline", prefix + text);
      }
      const callDepth = nextCallDepth(frame, prefix);
      const data = input === undefined ? { ...frame.current } : resolveInput(prefix, () => asMap(input.resolve(frame)));
      const pattern = target.pattern ?? frame.pattern;
      return { target, data, callDepth, trigger: `pipeline:${pipeline}`, pattern };
    };
    if (mode === "async") {
      return (frame) => {
        const { target, data, ...options } = prepare(frame);
        const pending = target.runDetached(data, { ...options, idempotencyKey: callKey(frame) });
        const outcome: StepOutcome = { output: { workflow, mode: "async", dispatched: true } };
        return pending === undefined ? outcome : pending.then(() => outcome);
      };
    }
    return async (frame) => {
      const call = prepare(frame);
      try {
        return { output: shape(await callWithin(timeout, clock, call, frame)) };
      } catch (error) {
        throw prefixed(`${prefix}workflow "${workflow}" failed: `, error);
      }
    };
  },
});
