import { defineStep } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { keyField, rendered, storeField } from "./file/artifact_call.ts";

/** Removes an artifact. */
export default defineStep({
  type: "step.artifact_delete",
  summary: "Delete an artifact; one that is not there counts as deleted.",
  category: "storage",
  effect: "write",
  config: Type.Object({ store: storeField, key: keyField }),
  output: outputOf(["key", "deleted"]),
  build({ name }, { store, key }) {
    return async (frame) => {
      try {
        const written = rendered(key, "key", frame);
        await store.get().delete(written, frame.signal);
        return { output: { key: written, deleted: true } };
      } catch (error) {
        throw prefixed(`artifact_delete step "${name}": `, error, "step.failed");
      }
    };
  },
});
