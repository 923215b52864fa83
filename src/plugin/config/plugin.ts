import { definePlugin } from "../../define/define.ts";

/** Values for configurations. */
export default definePlugin({
  name: "configprovider",
  version: "1.0.0",
  summary: "Values for configurations.",
  capabilities: [],
});
