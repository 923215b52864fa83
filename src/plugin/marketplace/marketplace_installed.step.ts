import { defineStep } from "../../define/define.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { marketplaceStep } from "./marketplace_step.ts";

/** Lists what is installed. */
export default defineStep({
  type: "step.marketplace_installed",
  summary: "List the plugins that are marked as installed.",
  category: "platform",
  effect: "read",
  config: Type.Object({}),
  output: outputOf(["plugins", "count"]),
  build: (context) =>
    marketplaceStep(context, async (installations) => {
      const plugins = await installations.installed();
      return { plugins, count: plugins.length };
    }),
});
