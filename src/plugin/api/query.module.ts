import { defineModule } from "../../define/define.ts";
import { HttpHandler } from "../../port/http.ts";
import { RoutePipelineHost } from "../../port/pipeline.ts";
import { lateRef, Type } from "../../schema/field.ts";
import { queryValues } from "./query_values.ts";
import { RouteDispatch } from "./route_dispatch.ts";

/** Answers reading requests with the pipelines written at their routes. */
export default defineModule({
  type: "api.query",
  summary: "Answers queries with the pipelines of their routes, or through a delegate.",
  category: "api",
  provides: [HttpHandler, RoutePipelineHost],
  config: Type.Object({
    delegate: Type.Optional(
      lateRef(HttpHandler, { description: "Handler of the requests that no pipeline is written for." }),
    ),
  }),
  create(_context, { delegate }) {
    const service = new RouteDispatch({
      kind: "query",
      delegate,
      data: (exchange, queryName) => ({
        method: exchange.method,
        path: exchange.path,
        queryName,
        query: queryValues(exchange.query),
      }),
    });
    return { service };
  },
});
