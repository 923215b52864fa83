import { defineStep } from "../../define/define.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { marketplaceStep, pluginField } from "./marketplace_step.ts";

/** Renews the mark of an installed plugin. */
export default defineStep({
  type: "step.marketplace_update",
  summary: "Renew the mark of an installed plugin.",
  category: "platform",
  effect: "write",
  config: Type.Object({ plugin: pluginField }),
  output: outputOf(["plugin", "status", "success"]),
  build: (context, { plugin }) =>
    marketplaceStep(context, async (installations, frame) => ({
      plugin: await installations.update(plugin.render(frame)),
      status: "updated",
      success: true,
    })),
});
