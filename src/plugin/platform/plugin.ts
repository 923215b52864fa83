import { definePlugin } from "../../define/define.ts";

/** Descriptions of the deployment. */
export default definePlugin({
  name: "platform",
  version: "1.0.0",
  summary: "Platform descriptions.",
  capabilities: [],
});
