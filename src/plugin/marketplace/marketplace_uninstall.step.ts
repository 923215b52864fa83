import { defineStep } from "../../define/define.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { marketplaceStep, pluginField } from "./marketplace_step.ts";

/** Takes the mark of an installed plugin away. */
export default defineStep({
  type: "step.marketplace_uninstall",
  summary: "Mark an installed plugin as not installed.",
  category: "platform",
  effect: "write",
  config: Type.Object({ plugin: pluginField }),
  output: outputOf(["plugin", "status", "success"]),
  build: (context, { plugin }) =>
    marketplaceStep(context, async (installations, frame) => {
      const name = plugin.render(frame);
      await installations.uninstall(name);
      return { plugin: name, status: "uninstalled", success: true };
    }),
});
