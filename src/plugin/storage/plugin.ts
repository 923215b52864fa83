import { definePlugin } from "../../define/define.ts";

export default definePlugin({
  name: "storage",
  version: "1.0.0",
  summary: "Databases and files.",
  capabilities: ["storage", "database"],
});
