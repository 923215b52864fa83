import { WorkflowError } from "../../error/error.ts";
import { ownValue } from "../../json/map.ts";
import type { Exchange } from "../../port/exchange.ts";
import type { Handle, RouteFacts } from "../../port/http.ts";
import type { FieldMapping } from "./field_mapping.ts";
import { jsonAnswer } from "./json_answer.ts";
import { type Resource, resourceJson } from "./resource.ts";
import { runSubAction, runTransition } from "./resource_action.ts";
import { readObject } from "./resource_body.ts";
import { found, type ResourceService } from "./resource_service.ts";

/** Makes the handler of a route: what a request means follows from the route's path and the method. */
export function resourceHandle(service: ResourceService, route: RouteFacts): Handle {
  const findPart = partFinder(route.path);
  return (exchange) => {
    const { id } = exchange.params;
    const part = findPart(exchange);
    if (part === "transition") return transitionOf(service, exchange, id);
    if (id !== undefined && part !== undefined) {
      if (part === "summary" && isRead(exchange)) return summary(service, id);
      if (service.workflowType !== "") return subRequest(service, exchange, id, part);
    }
    return plainRequest(service, exchange, id);
  };
}

/** What stands behind the id in the path, if anything: `transition`, `summary` or a sub-action. */
function partFinder(path: string): (exchange: Exchange) => string | undefined {
  const segments = path.split("/").filter((segment) => segment !== "");
  const last = segments.at(-1) ?? "";
  const isId = (segment: string) => /^(?::id|\{id(?:\.\.\.)?\})$/.test(segment);
  if (isId(last)) return () => undefined;
  if (!segments.some(isId)) {
    // Such a route has no id to give; the answer says so.
    const part = segments.length >= 4 && last === "transition" ? last : undefined;
    return () => part;
  }
  const isParameter = last.startsWith("{") || last.startsWith(":");
  if (!isParameter) return () => last;
  return (exchange) => exchange.path.split("/").findLast((segment) => segment !== "");
}

function isRead({ method }: Exchange): boolean {
  return method === "GET" || method === "HEAD";
}

function transitionOf(service: ResourceService, exchange: Exchange, id: string | undefined): Promise<Response> {
  if (exchange.method !== "PUT" && exchange.method !== "POST") return Promise.resolve(notAllowed("PUT, POST"));
  return runTransition(service, exchange, id);
}

function subRequest(
  service: ResourceService,
  exchange: Exchange,
  id: string,
  action: string,
): Response | Promise<Response> {
  if (exchange.method === "POST") return runSubAction(service, exchange, id, action);
  if (isRead(exchange)) throw new WorkflowError("http.not_found", `Unknown sub-resource: ${action}`);
  return notAllowed("GET, POST");
}

function plainRequest(
  service: ResourceService,
  exchange: Exchange,
  id: string | undefined,
): Response | Promise<Response> {
  switch (exchange.method) {
    case "GET":
    case "HEAD":
      return id === undefined ? list(service, exchange) : jsonAnswer(200, resourceJson(found(service, id)));
    case "POST":
      return create(service, exchange, id);
    case "PUT":
      return id === undefined ? notAllowed("GET, POST") : replace(service, exchange, id);
    case "DELETE":
      return id === undefined ? notAllowed("GET, POST") : remove(service, id);
    default:
      return notAllowed(id === undefined ? "GET, POST" : "GET, POST, PUT, DELETE");
  }
}

function notAllowed(allow: string): Response {
  return jsonAnswer(405, { error: "Method not allowed or invalid path" }, { allow });
}

/** Resources of other users are left out when the request says who asks. */
function list({ resources, mapping, stateFilter }: ResourceService, exchange: Exchange): Response {
  const user = exchange.claims === undefined ? undefined : ownValue(exchange.claims, "sub");
  const shown = resources.list().filter((resource) => {
    const owner = mapping.read(resource.data, "userId");
    if (exchange.claims !== undefined && typeof owner === "string" && owner !== user) return false;
    return stateFilter === "" || stateOf(resource, mapping) === stateFilter;
  });
  return jsonAnswer(200, shown.map(resourceJson));
}

function stateOf(resource: Resource, mapping: FieldMapping): string | undefined {
  return resource.state === undefined || resource.state === ""
    ? mapping.readText(resource.data, "state")
    : resource.state;
}

async function create(service: ResourceService, exchange: Exchange, pathId: string | undefined): Promise<Response> {
  const { resources, mapping, link, clock, uuid } = service;
  const body = await readObject(exchange, "Invalid request body");
  const id = pathId ?? mapping.readText(body, "id") ?? uuid();
  const state = mapping.readText(body, "state") ?? "new";
  const resource: Resource = { id, data: mapping.write(body, { id }), state, lastUpdate: clock.now() };
  const before = resources.get(id);
  resources.put(resource);
  try {
    await link.begin(resource);
  } catch (error) {
    if (before === undefined) resources.delete(id);
    else resources.put(before);
    throw error;
  }
  return jsonAnswer(201, resourceJson(resource));
}

async function replace(service: ResourceService, exchange: Exchange, id: string): Promise<Response> {
  found(service, id);
  const data = await readObject(exchange, "Invalid request body");
  const resource: Resource = { id, data, state: undefined, lastUpdate: undefined };
  found(service, id);
  service.resources.put(resource);
  return jsonAnswer(200, resourceJson(resource));
}

function remove(service: ResourceService, id: string): Response {
  service.link.forget(found(service, id));
  service.resources.delete(id);
  return new Response(null, { status: 204 });
}

function summary(service: ResourceService, id: string): Response {
  const resource = found(service, id);
  const body: Record<string, unknown> = { state: "", lastUpdate: "", ...resourceJson(resource) };
  delete body.data;
  for (const field of service.summaryFields) {
    const value = service.mapping.read(resource.data, field);
    if (value !== undefined && field !== "__proto__") body[field] = value;
  }
  return jsonAnswer(200, body);
}
