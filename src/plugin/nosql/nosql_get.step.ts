import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { storeField, storeOf, within } from "./store_field.ts";

/** Reads one document. A miss is a result, unless `miss_ok` is false. */
export default defineStep({
  type: "step.nosql_get",
  summary: "Read a document from a store.",
  category: "storage",
  effect: "read",
  config: Type.Object({
    store: storeField,
    key: template({ description: "Key of the document." }),
    output: Type.String({ description: "Output key that the document is put under.", default: "item", minLength: 1 }),
    miss_ok: Type.Boolean({ description: "Whether the pipeline goes on when there is none.", default: true }),
  }),
  output: ({ output }) => outputOf([output, "found"]),
  build({ name }, { store, key, output, miss_ok }) {
    const prefix = `nosql_get step "${name}": `;
    return async (frame) => {
      const entry = key.render(frame);
      const document = await within(prefix, storeOf(store, prefix).get(entry, frame.signal));
      if (document !== undefined) return { output: { [output]: document, found: true } };
      if (miss_ok) return { output: { [output]: {}, found: false } };
      throw new WorkflowError("module.not_found", `${prefix}key ${JSON.stringify(entry)} not found`);
    };
  },
});
