import type { Exchange } from "../../port/exchange.ts";
import type { Handle, HttpHandler, RouteFacts } from "../../port/http.ts";
import type { Pipeline, RoutePipelineHost } from "../../port/pipeline.ts";
import { decodePath } from "../../route/clean.ts";
import type { LateRef } from "../../schema/field.ts";
import { jsonAnswer, jsonFailure } from "./json_answer.ts";

/** What differs between queries and commands. */
export interface DispatchOptions {
  /** `query` or `command`, for answers and executions. */
  readonly kind: "query" | "command";
  readonly delegate: LateRef<HttpHandler> | undefined;
  /** The data that a pipeline starts with. */
  readonly data: (exchange: Exchange, name: string) => Record<string, unknown> | Promise<Record<string, unknown>>;
}

/** A pipeline that is attached, under the last segment of its path. */
interface Attached {
  readonly method: string;
  readonly pipeline: Pipeline;
}

/** Answers the requests of a route with the pipeline written there, else with the delegate. */
export class RouteDispatch implements HttpHandler, RoutePipelineHost {
  readonly #options: DispatchOptions;
  readonly #byRoute = new Map<string, Pipeline>();
  readonly #byName = new Map<string, Attached[]>();

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  attachPipeline(key: string, pipeline: Pipeline): void {
    const space = key.indexOf(" ");
    const name = lastSegment(key.slice(space + 1));
    this.#byRoute.set(key, pipeline);
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), { method: key.slice(0, space), pipeline }]);
  }

  handler(route: RouteFacts): Handle {
    const key = `${route.method} ${route.path}`;
    let delegate: Handle | undefined;
    return (exchange) => {
      const own = this.#byRoute.get(key);
      if (own !== undefined) return this.#run(own, exchange, route);
      const name = requestName(exchange);
      const pipeline = this.#named(name, route.method === "" ? exchange.method : route.method);
      if (pipeline !== undefined) return this.#run(pipeline, exchange, route);
      const { kind, delegate: target } = this.#options;
      if (target === undefined) return jsonFailure(404, `unknown ${kind}: ${name}`);
      delegate ??= target.get().handler(route);
      return delegate(exchange);
    };
  }

  /** A pipeline of another route of the same method whose path ends with the name. */
  #named(name: string, method: string): Pipeline | undefined {
    return this.#byName.get(name)?.find((attached) => attached.method === method)?.pipeline;
  }

  async #run(pipeline: Pipeline, exchange: Exchange, route: RouteFacts): Promise<Response> {
    const data = await this.#options.data(exchange, requestName(exchange));
    const trigger = `${exchange.method} ${route.path}`;
    try {
      const current = await pipeline.run(data, { exchange, pattern: route.path, trigger });
      return exchange.takeReply() ?? jsonAnswer(200, current);
    } catch (error) {
      // The pipeline has logged the failure; what a step has answered before it stands.
      const reply = exchange.takeReply();
      if (reply === undefined) throw error;
      return reply;
    }
  }
}

/** The last segment of the request's path, decoded. */
function requestName(exchange: Exchange): string {
  const segment = lastSegment(exchange.path);
  return decodePath(segment) ?? segment;
}

function lastSegment(path: string): string {
  return path.split("/").findLast((segment) => segment !== "") ?? "";
}
