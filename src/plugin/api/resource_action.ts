import { messageOf, WorkflowError } from "../../error/error.ts";
import { asMap, ownValue } from "../../json/map.ts";
import type { Exchange } from "../../port/exchange.ts";
import { formatRfc3339 } from "../../time/rfc3339.ts";
import { jsonAnswer, jsonFailure } from "./json_answer.ts";
import { type Resource, resourceJson } from "./resource.ts";
import { readObject, readOptionalObject } from "./resource_body.ts";
import { found, type ResourceService } from "./resource_service.ts";

/** Answers `PUT` or `POST …/{id}/transition` with a body `{transition, data?, workflowType?}`. */
export async function runTransition(
  service: ResourceService,
  exchange: Exchange,
  id: string | undefined,
): Promise<Response> {
  if (id === undefined || id === "") return jsonFailure(400, "Resource ID is required for transition");
  const body = await readObject(exchange, "Invalid transition request format");
  const transition = textOf(body, "transition");
  if (transition === "") return jsonFailure(400, "Transition name is required");
  const resource = found(service, id);
  const { link, mapping } = service;
  const engine = link.engine();
  if (engine === undefined) return jsonFailure(500, "Workflow engine not found");
  const workflowType = textOf(body, "workflowType") || textOf(resource.data, "workflowType") || service.workflowType;
  const instanceId = link.instanceId(resource);
  try {
    const data = asMap(ownValue(body, "data"));
    const instance = await link.transition(engine, resource, { name: transition, workflowType, data });
    resource.data = mapping.write(resource.data, {
      ...stateFields(resource),
      workflowType: instance.workflowType,
      instanceId,
    });
  } catch (error) {
    if (error instanceof WorkflowError && error.code === "http.bad_request") throw error;
    return jsonAnswer(400, {
      error: shownReason(service, transition, resource, error),
      id,
      instanceId,
      success: false,
      transition,
    });
  }
  return jsonAnswer(200, {
    id,
    instanceId,
    ...stateFields(resource),
    resource: resourceJson(resource),
    success: true,
    transition,
  });
}

/** Answers `POST …/{id}/<action>`: the action stands for a transition, and the body is laid over the data. */
export async function runSubAction(
  service: ResourceService,
  exchange: Exchange,
  id: string,
  action: string,
): Promise<Response> {
  const transition = service.transitions.get(action);
  if (transition === undefined) return jsonFailure(400, `Unknown action: ${action}`);
  const { link, workflowType } = service;
  const engine = link.engine();
  if (engine === undefined) return jsonFailure(500, "Workflow engine not available");
  found(service, id);
  const body = (await readOptionalObject(exchange, "Invalid request body")) ?? {};
  const resource = found(service, id);
  const merged = { ...resource.data, ...body };
  try {
    await link.transition(engine, resource, { name: transition, workflowType, data: merged });
  } catch (error) {
    const reason = shownReason(service, transition, resource, error);
    return jsonAnswer(400, { action, error: reason, success: false, transition });
  }
  resource.data = service.mapping.write({ ...resource.data, ...body }, stateFields(resource));
  return jsonAnswer(200, { action, id, ...stateFields(resource), success: true, transition });
}

function stateFields(resource: Resource): { readonly state: string; readonly lastUpdate: string } {
  return { state: resource.state ?? "", lastUpdate: formatRfc3339(resource.lastUpdate ?? 0) };
}

/** What a client may know of a failed transition: that it is not possible, but not what went wrong inside a hook. */
function shownReason(service: ResourceService, transition: string, resource: Resource, error: unknown): string {
  const reason = messageOf(error);
  if (error instanceof WorkflowError && error.status < 500) return reason;
  service.onFailure("Transition failed", { resource: resource.id, transition, error: reason });
  return `transition '${transition}' failed`;
}

function textOf(map: Readonly<Record<string, unknown>>, key: string): string {
  const value = ownValue(map, key);
  return typeof value === "string" ? value : "";
}
