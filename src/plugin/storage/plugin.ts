import { definePlugin } from "../../define/define.ts";

/** Databases and the db steps. */
export default definePlugin({
  name: "storage",
  version: "1.0.0",
  summary: "Databases and files.",
  capabilities: ["storage", "database"],
});
