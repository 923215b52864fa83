import { defineStep } from "../../../define/define.ts";
import { prefixed, WorkflowError } from "../../../error/error.ts";
import { asMap } from "../../../json/map.ts";
import type { Pipeline, PipelineDirectory } from "../../../port/pipeline.ts";
import { duration, templateValue, Type } from "../../../schema/field.ts";
import { outputOf } from "../../../schema/output.ts";
import { callWithin, nextCallDepth, resolveInput, resultShape } from "./pipeline_call.ts";

/** Runs a workflow of a plugin, which is a pipeline here, and waits for its result. */
export default defineStep({
  type: "step.sub_workflow",
  summary: "Run the pipeline that stands for a plugin's workflow and take over its result.",
  category: "pipeline",
  effect: "write",
  config: Type.Object({
    workflow: Type.String({
      description: "`plugin:workflow`: a pipeline of that whole name, or of the name behind the colon.",
      minLength: 1,
    }),
    input_mapping: Type.Optional(
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
  output: ({ output_mapping }) => outputOf(output_mapping === undefined ? ["result"] : Object.keys(output_mapping)),
  // Which of the two names is meant with a colon shows when it is called.
  calls: ({ workflow }) => (workflow.includes(":") ? [] : [workflow]),
  build({ name, pipeline, runtime }, { workflow, input_mapping, output_mapping, timeout }) {
    const prefix = `sub_workflow step "${name}": `;
    const shape = resultShape(output_mapping);
    return async (frame) => {
      const target = findPipeline(runtime.pipelines, workflow);
      if (target === undefined) {
        const text = `${prefix}workflow ${JSON.stringify(workflow)} not found in registry`;
        throw new WorkflowError("run.unknown_pipeline", text, { hint: "define a pipeline of that name" });
      }
      const callDepth = nextCallDepth(frame, prefix);
      const data = resolveInput(prefix, () =>
        input_mapping === undefined ? { ...frame.current } : asMap(input_mapping.resolve(frame)),
      );
      const pattern = target.pattern ?? frame.pattern;
      const call = { target, data, callDepth, trigger: `pipeline:${pipeline}`, pattern };
      try {
        return { output: shape(await callWithin(timeout, runtime.clock, call, frame)) };
      } catch (error) {
        throw prefixed(`${prefix}workflow "${workflow}" failed: `, error);
      }
    };
  },
});

function findPipeline(pipelines: PipelineDirectory, workflow: string): Pipeline | undefined {
  return pipelines.find(workflow) ?? pipelines.find(workflow.slice(workflow.indexOf(":") + 1));
}
