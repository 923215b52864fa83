import { defineModule } from "../../define/define.ts";
import { HttpServer, Router } from "../../port/http.ts";
import { optionalRef, Type } from "../../schema/field.ts";
import { RouteCollector } from "./route_collector.ts";

/** Collects the routes of a server and answers by the most specific one. */
export default defineModule({
  type: "http.router",
  aliases: ["chimux.router"],
  summary: "Router that matches method and path and runs middleware and handler.",
  category: "http",
  provides: [Router],
  config: Type.Object({
    server: optionalRef(HttpServer, {
      description: "Server to serve; found through `dependsOn` when it is not named.",
      fallback: "affinity",
    }),
  }),
  create({ name, log, runtime }, { server }) {
    const router = new RouteCollector(name, log, runtime);
    server?.attach(router, "default");
    return { service: router };
  },
});
