import { stat } from "node:fs/promises";
import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { keyField, localPath, rendered, storeField } from "./file/artifact_call.ts";
import { readContent } from "./file/file_content.ts";
import { fileErrorCode } from "./file/file_error.ts";

/** Puts a file into an artifact store. */
export default defineStep({
  type: "step.artifact_upload",
  summary: "Copy a file into an artifact store.",
  category: "storage",
  effect: "write",
  config: Type.Object({
    store: storeField,
    key: keyField,
    source: template({ description: "File to copy, from the working directory." }),
    metadata: Type.Record(Type.String(), template({ description: "Value." }), {
      description: "Texts that are kept beside the artifact.",
      default: {},
    }),
  }),
  output: outputOf(["key", "store", "size"]),
  build({ name }, { store, key, source, metadata }) {
    const prefix = `artifact_upload step "${name}": `;
    return async (frame) => {
      try {
        const path = localPath(source, "source", frame);
        if (!(await isFile(path))) throw new WorkflowError("step.failed", `source "${path}" is not a file`);
        const texts = Object.entries(metadata).map(
          ([label, text]) => [label, rendered(text, `metadata.${label}`, frame)] as const,
        );
        const artifact = await store.get().upload(rendered(key, "key", frame), readContent(path, frame.signal), {
          metadata: Object.fromEntries(texts),
          signal: frame.signal,
        });
        return { output: { key: artifact.key, store: store.name, size: artifact.sizeBytes } };
      } catch (error) {
        throw prefixed(prefix, error, "step.failed");
      }
    };
  },
});

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT" || fileErrorCode(error) === "ENOTDIR") return false;
    throw error;
  }
}
