import { messageOf, WorkflowError } from "../../error/error.ts";
import { asMap, ownValue } from "../../json/map.ts";
import type { Exchange } from "../../port/exchange.ts";
import type { StateMachineInstance } from "../../port/statemachine.ts";
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
  const workflowType = textOf(body, "workflowType") || textOf(resource.data, "workflowType") || service.workflowType;
  const engine = link.engineFor(resource, workflowType);
  if (engine === undefined) return jsonFailure(500, "Workflow engine not found");
  const instanceId = link.instanceId(resource);
  let instance: StateMachineInstance;
  try {
    const data = asMap(ownValue(body, "data"));
    instance = await link.transition(engine, resource, { name: transition, workflowType, data });
  } catch (error) {
    if (error instanceof WorkflowError && error.code === "http.bad_request") throw error;
    const reason = shownReason(service, transition, resource, error);
    return jsonAnswer(400, { error: reason, id, instanceId, success: false, transition });
  }
  const state = stateFields(instance);
  // While the transition ran, the resource may have been replaced.
  const moved = service.resources.get(id) ?? resource;
  moved.data = mapping.write(moved.data, { ...state, workflowType: instance.workflowType, instanceId });
  return jsonAnswer(200, { id, instanceId, ...state, resource: resourceJson(moved), success: true, transition });
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
  if (!link.hasEngine) return jsonFailure(500, "Workflow engine not available");
  found(service, id);
  const body = (await readOptionalObject(exchange, "Invalid request body")) ?? {};
  const resource = found(service, id);
  const engine = link.engineFor(resource, workflowType);
  if (engine === undefined) return jsonFailure(500, "Workflow engine not available");
  let instance: StateMachineInstance;
  try {
    const data = { ...resource.data, ...body };
    instance = await link.transition(engine, resource, { name: transition, workflowType, data });
  } catch (error) {
    const reason = shownReason(service, transition, resource, error);
    return jsonAnswer(400, { action, error: reason, success: false, transition });
  }
  const state = stateFields(instance);
  const moved = service.resources.get(id) ?? resource;
  moved.data = service.mapping.write({ ...moved.data, ...body }, state);
  return jsonAnswer(200, { action, id, ...state, success: true, transition });
}

function stateFields(instance: StateMachineInstance): { readonly state: string; readonly lastUpdate: string } {
  return { state: instance.currentState, lastUpdate: formatRfc3339(instance.lastUpdated) };
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
