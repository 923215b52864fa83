import { defineStep } from "../../define/define.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { marketplaceStep, pluginField } from "./marketplace_step.ts";

/** Marks a plugin as installed. */
export default defineStep({
  type: "step.marketplace_install",
  summary: "Mark a plugin of the catalogue as installed. Nothing is downloaded.",
  category: "platform",
  effect: "write",
  config: Type.Object({ plugin: pluginField }),
  output: outputOf(["plugin", "status", "success"]),
  build: (context, { plugin }) =>
    marketplaceStep(context, async (installations, frame) => {
      const name = plugin.render(frame);
      await installations.install(name);
      return { plugin: name, status: "installed", success: true };
    }),
});
