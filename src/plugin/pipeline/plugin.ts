import { definePlugin } from "../../define/define.ts";

/** Steps that pipelines of every kind are made of. */
/** Steps that pipelines of every kind are made of. */
export default definePlugin({
  name: "pipeline-steps",
  aliases: ["pipeline"],
  version: "1.0.0",
  summary: "Steps of pipelines.",
  capabilities: ["pipeline-steps"],
});
