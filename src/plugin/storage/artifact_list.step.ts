import { defineStep } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import { template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { artifactFacts, rendered, storeField } from "./file/artifact_call.ts";

/** Lists what an artifact store holds. */
export default defineStep({
  type: "step.artifact_list",
  summary: "List the artifacts whose keys begin with a text, at most 10,000.",
  category: "storage",
  effect: "read",
  config: Type.Object({
    store: storeField,
    prefix: template({ description: "Beginning of the keys; leading slashes do not count.", default: "" }),
    output: Type.String({ description: "Output key that the list is put under.", default: "artifacts", minLength: 1 }),
  }),
  output: ({ output }) => outputOf([output, "count"]),
  build({ name }, { store, prefix, output }) {
    return async (frame) => {
      try {
        const found = await store.get().list(rendered(prefix, "prefix", frame), frame.signal);
        return { output: { [output]: found.map(artifactFacts), count: found.length } };
      } catch (error) {
        throw prefixed(`artifact_list step "${name}": `, error, "step.failed");
      }
    };
  },
});
