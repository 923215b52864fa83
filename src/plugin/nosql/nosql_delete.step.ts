import { defineStep } from "../../define/define.ts";
import { template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { storeField, storeOf, within } from "./store_field.ts";

/** Removes a document; that there is none is no failure. */
export default defineStep({
  type: "step.nosql_delete",
  summary: "Remove a document from a store.",
  category: "storage",
  effect: "write",
  config: Type.Object({ store: storeField, key: template({ description: "Key of the document." }) }),
  output: outputOf(["deleted", "key"]),
  build({ name }, { store, key }) {
    const prefix = `nosql_delete step "${name}": `;
    return async (frame) => {
      const entry = key.render(frame);
      await within(prefix, storeOf(store, prefix).delete(entry, frame.signal));
      return { output: { deleted: true, key: entry } };
    };
  },
});
