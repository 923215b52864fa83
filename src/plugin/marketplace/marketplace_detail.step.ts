import { defineStep } from "../../define/define.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { catalogueEntry } from "./catalogue.ts";
import { marketplaceStep, pluginField } from "./marketplace_step.ts";

/** Tells what the catalogue says of a plugin. */
export default defineStep({
  type: "step.marketplace_detail",
  summary: "Describe one plugin of the catalogue.",
  category: "platform",
  effect: "read",
  config: Type.Object({ plugin: pluginField }),
  output: outputOf(["plugin"]),
  build: (context, { plugin }) =>
    marketplaceStep(context, async (installations, frame) => ({
      plugin: await installations.stateOf(catalogueEntry(plugin.render(frame))),
    })),
});
