import { defineModule } from "../../define/define.ts";
import type { Exchange } from "../../port/exchange.ts";
import { HttpHandler } from "../../port/http.ts";
import { RoutePipelineHost } from "../../port/pipeline.ts";
import { lateRef, Type } from "../../schema/field.ts";
import { RouteDispatch } from "./route_dispatch.ts";

/** Answers changing requests with the pipelines written at their routes. */
export default defineModule({
  type: "api.command",
  summary: "Answers commands with the pipelines of their routes, or through a delegate.",
  category: "api",
  provides: [HttpHandler, RoutePipelineHost],
  config: Type.Object({
    delegate: Type.Optional(
      lateRef(HttpHandler, { description: "Handler of the requests that no pipeline is written for." }),
    ),
  }),
  create(_context, { delegate }) {
    return { service: new RouteDispatch({ kind: "command", delegate, data: commandData }) };
  },
});

async function commandData(exchange: Exchange, commandName: string): Promise<Record<string, unknown>> {
  const data: Record<string, unknown> = { method: exchange.method, path: exchange.path, commandName };
  if (!exchange.hasBody || !mayBeJson(exchange)) return data;
  const body = await exchange.jsonObject();
  if (body !== undefined) data.body = body;
  return data;
}

/** Uploads and forms are left unread for the steps that want them. */
function mayBeJson(exchange: Exchange): boolean {
  const type = exchange.headers.get("content-type");
  return type === null || type.includes("json") || type.startsWith("text/");
}
