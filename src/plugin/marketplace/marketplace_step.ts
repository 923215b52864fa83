import type { StepContext } from "../../define/definition.ts";
import { prefixed } from "../../error/error.ts";
import type { Frame, RunStep } from "../../port/frame.ts";
import { template } from "../../schema/field.ts";
import { Installations } from "./installation.ts";

/** The setting that names the plugin. */
export const pluginField = template({ description: "Name of the plugin in the catalogue." });

/** A step that works on the installations; what it throws tells the step's name. */
export function marketplaceStep(
  { name, type, runtime }: StepContext,
  work: (installations: Installations, frame: Frame) => Promise<Record<string, unknown>>,
): RunStep {
  const installations = new Installations(runtime);
  const prefix = `${type.slice("step.".length)} step "${name}": `;
  return async (frame) => {
    try {
      return { output: await work(installations, frame) };
    } catch (error) {
      throw prefixed(prefix, error, "step.failed");
    }
  };
}
