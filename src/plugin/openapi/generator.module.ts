import { stringify } from "yaml";
import { defineModule } from "../../define/define.ts";
import { type Handle, HttpHandler, Router, RouteRank } from "../../port/http.ts";
import { any, refAll, Type } from "../../schema/field.ts";
import { describeRoutes } from "./route_document.ts";

/** Describes the routes of the configuration as an OpenAPI document and serves it. */
export default defineModule({
  type: "openapi.generator",
  summary: "OpenAPI document of the routes under `workflows`, at `/api/openapi.json` and `/api/openapi.yaml`.",
  category: "openapi",
  provides: [HttpHandler],
  config: Type.Object({
    title: Type.String({ description: "Title of the API.", default: "Workflow API" }),
    version: Type.String({ description: "Version of the API.", default: "1.0.0" }),
    description: Type.String({ description: "Text about the API.", default: "" }),
    servers: Type.Array(any({ description: "URL, or a map with `url` and `description`." }), {
      description: "Servers of the API.",
      default: [],
    }),
    routers: refAll(Router, { description: "Every router; the first one serves the document." }),
  }),
  create({ name }, { routers, ...info }) {
    let made: { readonly json: string; readonly yaml: string } | undefined;
    // Routes are complete only once the generation is built, so it is made for the first request.
    const documents = () => {
      if (made === undefined) {
        const routes = routers.flatMap((router) => router.routes().filter(({ rank }) => rank === RouteRank.section));
        const document = describeRoutes(info, routes);
        made = { json: `${JSON.stringify(document, null, 2)}\n`, yaml: stringify(document) };
      }
      return made;
    };
    const json: Handle = () => new Response(documents().json, { headers: { "content-type": "application/json" } });
    const yaml: Handle = () => new Response(documents().yaml, { headers: { "content-type": "application/x-yaml" } });
    const [first] = routers;
    const rank = RouteRank.openapi;
    const source = `openapi.generator ${name}`;
    first?.add({ method: "GET", path: "/api/openapi.json", handle: json, rank, source });
    first?.add({ method: "GET", path: "/api/openapi.yaml", handle: yaml, rank, source });
    const service: HttpHandler = { handler: ({ path }) => (path.endsWith(".yaml") ? yaml : json) };
    return { service };
  },
});
