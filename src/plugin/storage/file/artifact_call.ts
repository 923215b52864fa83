import { resolve } from "node:path";
import { prefixed, WorkflowError } from "../../../error/error.ts";
import { type Artifact, ArtifactStore } from "../../../port/artifact_store.ts";
import type { Frame } from "../../../port/frame.ts";
import { lateRef, template } from "../../../schema/field.ts";
import type { Template } from "../../../template/template.ts";
import { formatRfc3339Nano } from "../../../time/rfc3339.ts";

/** The setting that names the store. */
export const storeField = lateRef(ArtifactStore, { description: "Module of type storage.artifact." });

/** The setting that names the artifact. */
export const keyField = template({
  description: "Key of the artifact, such as `builds/42/app.zip`. Leading slashes do not count, and `..` is refused.",
});

/** Computes a text of the run. Throws `step.template` naming the setting. */
export function rendered(text: Template, setting: string, frame: Frame): string {
  try {
    return text.render(frame);
  } catch (error) {
    throw prefixed(`failed to resolve ${setting}: `, error, "step.template");
  }
}

/**
 * A file of this machine, relative to the working directory. Throws `step.invalid_input` when a value put into the
 * template leads upwards, which only the configuration may do.
 */
export function localPath(text: Template, setting: string, frame: Frame): string {
  const path = rendered(text, setting, frame);
  if (path === "" || path.includes("\u0000"))
    throw new WorkflowError("step.invalid_input", `'${setting}' is not the name of a file`);
  if (climbsOf(path) > climbsOf(text.text))
    throw new WorkflowError("step.invalid_input", `'${setting}' must not be led upwards by a value: "${path}"`);
  return resolve(path);
}

function climbsOf(path: string): number {
  return path.split("/").filter((segment) => segment === "..").length;
}

/** An artifact as steps give it to the run. */
export function artifactFacts({ key, sizeBytes, modifiedMs, metadata }: Artifact): Record<string, unknown> {
  return { key, size: sizeBytes, modified: formatRfc3339Nano(modifiedMs), metadata: { ...metadata } };
}
