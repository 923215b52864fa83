import { definePlugin } from "../../define/define.ts";

/** Steps that build software. */
export default definePlugin({
  name: "cicd",
  version: "1.0.0",
  summary: "Build steps.",
  capabilities: ["cicd-pipeline"],
});
