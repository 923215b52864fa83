import { definePlugin } from "../../define/define.ts";

/** What receives HTTP requests, and what stands between them and their handlers. */
export default definePlugin({
  name: "workflow-plugin-http",
  aliases: ["http"],
  version: "1.0.0",
  summary: "HTTP servers, routers, handlers and proxies.",
  capabilities: ["http-server", "http-router", "http-handler", "http-middleware", "http-proxy", "static-files"],
});
