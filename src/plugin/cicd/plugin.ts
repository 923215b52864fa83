import { definePlugin } from "../../define/define.ts";

export default definePlugin({
  name: "cicd",
  version: "1.0.0",
  summary: "Build steps.",
  capabilities: ["cicd-pipeline"],
});
