import { defineStep } from "../../define/define.ts";
import { template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { storeField, storeOf, within } from "./store_field.ts";

/** Lists documents by the beginning of their keys. */
export default defineStep({
  type: "step.nosql_query",
  summary: "List the documents of a store whose keys begin with a prefix.",
  category: "storage",
  effect: "read",
  config: Type.Object({
    store: storeField,
    prefix: template({ description: "Beginning of the keys; every document without.", default: "" }),
    output: Type.String({
      description: "Output key that the documents are put under, each with its key as `_key`.",
      default: "items",
      minLength: 1,
    }),
  }),
  output: ({ output }) => outputOf([output, "count"]),
  build({ name }, { store, prefix: keyPrefix, output }) {
    const prefix = `nosql_query step "${name}": `;
    return async (frame) => {
      const filter = { prefix: keyPrefix.render(frame) };
      const documents = await within(prefix, storeOf(store, prefix).query(filter, frame.signal));
      return { output: { [output]: documents, count: documents.length } };
    };
  },
});
