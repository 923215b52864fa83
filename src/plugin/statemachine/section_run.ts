import { WorkflowError } from "../../error/error.ts";
import { ownValue } from "../../json/map.ts";
import type { StateMachineDefinition, StateMachineEngine } from "../../port/statemachine.ts";

/** What a trigger can run. */
export interface RunnableMachines {
  readonly engine: StateMachineEngine;
  readonly engines: readonly StateMachineEngine[];
  readonly definitions: readonly StateMachineDefinition[];
  readonly uuid: () => string;
}

/** What a trigger asks for. `workflow` is the section's key or the name of a definition. */
export interface SectionRun {
  readonly action: string;
  readonly data: Record<string, unknown>;
  readonly workflow: string;
}

/**
 * Fires the transition that the action names (`transition` or `engine:transition`) on the instance that `instanceId` or
 * `id` names. An instance that does not exist is created when the definition is known; without an action that is all.
 */
export async function runSection(machines: RunnableMachines, run: SectionRun): Promise<Record<string, unknown>> {
  const { data } = run;
  const colon = run.action.indexOf(":");
  const transition = run.action.slice(colon + 1);
  const engine = colon > 0 ? findEngine(machines, run.action.slice(0, colon)) : machines.engine;
  const id = textAt(data, "instanceId") ?? textAt(data, "id");
  const type = definitionFor(machines, run);
  const isNew = id === undefined || engine.get(id) === undefined;
  if (isNew && type === undefined) throw id === undefined ? noId() : missing(id);
  const instanceId = id ?? machines.uuid();
  if (isNew && type !== undefined) {
    if (transition !== "" && engine.definition(type)?.transitions.has(transition) === false) {
      // Refused before anything is created, or a mistyped action would leave an instance behind each time.
      throw new WorkflowError("module.not_found", `transition '${transition}' not found in workflow '${type}'`);
    }
    const created = await engine.create(type, instanceId, data);
    if (transition === "") return { instanceId, currentState: created.currentState, created: true };
  }
  if (transition === "") {
    return { instanceId, currentState: engine.get(instanceId)?.currentState ?? "", created: false };
  }
  const moved = await engine.transition(instanceId, transition, data);
  return { instanceId, currentState: moved.currentState, transition, success: true };
}

function findEngine({ engines }: RunnableMachines, name: string): StateMachineEngine {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine === undefined) {
    throw new WorkflowError("run.missing_service", `state machine engine '${name}' not found`);
  }
  return engine;
}

/** The definition that the trigger's `workflow` names, else the one that the data names as `workflowName`. */
function definitionFor({ definitions }: RunnableMachines, { workflow, data }: SectionRun): string | undefined {
  if (definitions.some(({ name }) => name === workflow)) return workflow;
  const named = textAt(data, "workflowName");
  return definitions.some(({ name }) => name === named) ? named : undefined;
}

/** A text of the data, or of the body of the request in it. */
function textAt(data: unknown, key: string): string | undefined {
  for (const place of [data, ownValue(data, "body")]) {
    const value = ownValue(place, key);
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number") return String(value);
  }
  return undefined;
}

function noId(): WorkflowError {
  return new WorkflowError("step.invalid_input", "workflow instance ID not provided in data");
}

function missing(id: string): WorkflowError {
  return new WorkflowError("module.not_found", `workflow instance '${id}' not found`);
}
