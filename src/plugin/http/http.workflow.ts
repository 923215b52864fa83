import { defineWorkflow } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { HttpHandler, HttpMiddleware, HttpServer, Router, RouteRank } from "../../port/http.ts";
import { node, optionalRef, position, ref, Type } from "../../schema/field.ts";

const routeSchema = Type.Object({
  at: position(),
  method: Type.String({ description: "HTTP method.", minLength: 1 }),
  path: Type.String({ description: "Path with `{name}` or `:name` parameters.", minLength: 1 }),
  handler: ref(HttpHandler, { description: "Module that answers." }),
  middlewares: Type.Array(ref(HttpMiddleware, { description: "Middleware module." }), {
    description: "Middleware modules, the first one outermost.",
    default: [],
  }),
  pipeline: Type.Optional(node({ description: "Pipeline of the route, for api.query and api.command." })),
  steps: Type.Optional(node({ description: "Steps of the route's pipeline, in short form." })),
  summary: Type.Optional(Type.String({ description: "One line for the generated OpenAPI document." })),
  description: Type.Optional(Type.String({ description: "Text for the generated OpenAPI document." })),
  operationId: Type.Optional(Type.String({ description: "Operation id in the generated OpenAPI document." })),
  tags: Type.Optional(Type.Array(Type.String(), { description: "Tags in the generated OpenAPI document." })),
  config: Type.Optional(node({ description: "Notes for readers; not used." })),
});

/** Puts routes onto a router and the router onto a server. */
export default defineWorkflow({
  key: "http",
  keyPrefix: "http-",
  summary: "Routes of an HTTP server.",
  config: Type.Object({
    router: ref(Router, {
      description: "Router for the routes; the first one without.",
      fallback: ["httpRouter"],
    }),
    server: optionalRef(HttpServer, {
      description: "Server that the router is attached to; the router's own without.",
    }),
    routes: Type.Array(routeSchema, { description: "Routes in order; a repeated method and path is skipped." }),
  }),
  build({ key }, { router, server, routes }) {
    for (const [index, route] of routes.entries()) {
      const { method, path, handler, middlewares, at, summary, description, operationId, tags } = route;
      const facts = { method: method.toUpperCase(), path };
      const source = `workflows.${key}.routes[${index}]`;
      const document = { summary, description, operationId, tags };
      const handle = handler.handler(facts);
      router.add({ ...facts, handle, middlewares, rank: RouteRank.section, at, source, document });
    }
    server?.attach(router, "explicit");
    return {
      async execute(action) {
        const facts = { server: server?.name ?? "", router: router.name, status: "running" };
        switch (action === "" ? "status" : action) {
          case "status":
            return facts;
          case "check":
            return { ...facts, healthStatus: "healthy" };
          case "start":
            return { ...facts, action: "server already running" };
          case "routes":
            return { ...facts, routes: router.routes().map(({ method, path }) => ({ method, path })) };
          default:
            throw new WorkflowError("step.invalid_input", `unknown HTTP workflow command: ${action}`);
        }
      },
    };
  },
});
