import { definePlugin } from "../../define/define.ts";

export default definePlugin({
  name: "pipeline-steps",
  aliases: ["pipeline"],
  version: "1.0.0",
  summary: "Steps of pipelines.",
  capabilities: ["pipeline-steps"],
});
