import { definePlugin } from "../../define/define.ts";

/** Stores of documents, and the steps that use them. */
export default definePlugin({
  name: "datastores",
  version: "1.0.0",
  summary: "Stores of documents by key.",
  capabilities: ["nosql-store"],
});
