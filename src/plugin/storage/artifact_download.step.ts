import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { defineStep } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import { template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { keyField, localPath, rendered, storeField } from "./file/artifact_call.ts";
import { putInPlace, writeTemporary } from "./file/file_content.ts";

/** Gets a file out of an artifact store. */
export default defineStep({
  type: "step.artifact_download",
  summary: "Copy an artifact into a file; the file is replaced once the copy is complete.",
  category: "storage",
  effect: "write",
  config: Type.Object({
    store: storeField,
    key: keyField,
    dest: template({ description: "File to write, from the working directory; folders above it are created." }),
  }),
  output: outputOf(["key", "dest", "size", "metadata"]),
  build({ name, runtime }, { store, key, dest }) {
    const prefix = `artifact_download step "${name}": `;
    return async (frame) => {
      try {
        const target = localPath(dest, "dest", frame);
        const { artifact, content } = await store.get().download(rendered(key, "key", frame), frame.signal);
        await mkdir(dirname(target), { recursive: true });
        const temporary = `${target}.${runtime.uuid()}.partial`;
        const size = await writeTemporary(content, { temporary, signal: frame.signal });
        await putInPlace(temporary, target);
        const metadata = { ...artifact.metadata };
        return { output: { key: artifact.key, dest: rendered(dest, "dest", frame), size, metadata } };
      } catch (error) {
        throw prefixed(prefix, error, "step.failed");
      }
    };
  },
});
