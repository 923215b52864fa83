import { defineModule } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import { type TransformOperation, Transformer } from "../../port/service.ts";
import { any, Type } from "../../schema/field.ts";
import { compileOperations, readOperations, type Transform } from "./transform_operation.ts";

/** Holds lists of operations under names, for the steps that use them. */
export default defineModule({
  type: "data.transformer",
  summary: "Named lists of operations that extract, rename, filter and convert data.",
  category: "api",
  serviceName: "data.transformer",
  provides: [Transformer],
  config: Type.Object({
    pipelines: Type.Record(
      Type.String(),
      Type.Array(any({ description: "Operation with a `type` and its `config`." }), {
        description: "Operations in order: `extract`, `map`, `filter` or `convert`.",
      }),
      { description: "Lists of operations by the name under which `step.transform` finds them.", default: {} },
    ),
  }),
  create(_context, { pipelines }) {
    const named = new Map<string, readonly TransformOperation[]>();
    const compiled = new WeakMap<readonly TransformOperation[], Transform>();
    for (const [name, written] of Object.entries(pipelines)) {
      try {
        const operations = readOperations(written);
        named.set(name, operations);
        compiled.set(operations, compileOperations(operations));
      } catch (error) {
        throw prefixed(`pipeline '${name}': `, error, "config.value");
      }
    }
    const service: Transformer = {
      pipeline: (name) => named.get(name),
      run(operations, input) {
        let transform = compiled.get(operations);
        if (transform === undefined) {
          transform = compileOperations(operations);
          compiled.set(operations, transform);
        }
        return transform(input);
      },
    };
    return { service };
  },
});
