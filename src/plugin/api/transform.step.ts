import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { Transformer } from "../../port/service.ts";
import { any, type LateRef, lateRef, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { compileOperations, readOperations, type Transform } from "./transform_operation.ts";

/** Applies operations to the pipeline's data. */
export default defineStep({
  type: "step.transform",
  summary: "Extract, rename, filter or convert the pipeline's data.",
  category: "pipeline",
  effect: "pure",
  config: Type.Object({
    operations: Type.Array(
      any({
        description:
          "Operation: `{type: extract, config: {path}}`, `{type: map, config: {mappings}}`, " +
          "`{type: filter, config: {fields}}` or `{type: convert, config: {from, to}}`.",
      }),
      { description: "Operations in order, each on the result of the one before.", default: [] },
    ),
    transformer: Type.Optional(lateRef(Transformer, { description: "Module of type data.transformer." })),
    pipeline: Type.String({ description: "Name of a list of operations of the transformer.", default: "" }),
  }),
  output: outputOf(["data"]),
  build(_context, { operations, transformer, pipeline }) {
    const own = readOperations(operations);
    if (transformer === undefined && own.length === 0) {
      throw new WorkflowError("config.required", "must specify 'transformer' service or inline 'operations'");
    }
    if (transformer !== undefined && own.length === 0 && pipeline === "") {
      throw new WorkflowError("config.required", "with 'transformer', 'pipeline' or 'operations' is required");
    }
    const isNamed = transformer !== undefined && pipeline !== "";
    let transform = isNamed ? undefined : compileOperations(own);
    return (frame) => {
      transform ??= isNamed ? namedTransform(transformer, pipeline) : undefined;
      // Only what is enumerable is the pipeline's own data.
      return { output: { data: transform?.({ ...frame.current }) } };
    };
  },
});

/** Looked for when it is first used, since the transformer may stand later in the file. */
function namedTransform(transformer: LateRef<Transformer>, name: string): Transform {
  const service = transformer.get();
  const operations = service.pipeline(name);
  if (operations === undefined) {
    throw new WorkflowError("run.missing_service", `transformer "${transformer.name}" has no pipeline "${name}"`);
  }
  return (input) => service.run(operations, input);
}
