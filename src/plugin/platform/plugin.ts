import { definePlugin } from "../../define/define.ts";

export default definePlugin({
  name: "platform",
  version: "1.0.0",
  summary: "Platform descriptions.",
  capabilities: [],
});
