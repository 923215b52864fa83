import { WorkflowError } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import type { StateMachineEngine, StateMachineInstance } from "../../port/statemachine.ts";
import { ownValue } from "../../json/map.ts";
import type { LateRef } from "../../schema/field.ts";
import type { Resource, ResourceCollection } from "./resource.ts";

/** The transition that is fired when the configuration names none. */
export const defaultInitialTransition = "start_validation";

/** How a handler uses state machines. */
export interface StateLinkOptions {
  readonly workflowType: string;
  readonly initialTransition: string;
  readonly instanceIDPrefix: string;
  readonly instanceIDField: string;
  readonly engine: LateRef<StateMachineEngine> | undefined;
  readonly engines: readonly StateMachineEngine[];
  readonly resources: ResourceCollection;
  readonly log: Logger;
}

/** Connects the resources of a handler with the state machine instances that belong to them. */
export class StateLink {
  readonly #options: StateLinkOptions;
  /** Resource ids by instance id, for the instances this handler has used. */
  readonly #linked = new Map<string, string>();
  #unsubscribe: readonly (() => void)[] = [];

  constructor(options: StateLinkOptions) {
    this.#options = options;
  }

  /** Follows the engines from now on: what moves an instance also moves its resource. */
  open(): void {
    if (this.#unsubscribe.length > 0) return;
    this.#unsubscribe = this.#options.engines.map((engine) => engine.onChange((instance) => this.#onChange(instance)));
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
  }

  get hasEngine(): boolean {
    return this.#options.engine?.find() !== undefined || this.#options.engines.length > 0;
  }

  /**
   * The configured engine, else the one that holds the resource's instance, else one that defines the type, else any.
   */
  engineFor(resource: Resource, workflowType: string): StateMachineEngine | undefined {
    const { engine, engines } = this.#options;
    const id = this.instanceId(resource);
    return (
      engine?.find() ??
      engines.find((candidate) => candidate.get(id) !== undefined) ??
      engines.find((candidate) => candidate.definition(workflowType) !== undefined) ??
      engines[0]
    );
  }

  /** Id of the instance of a resource. */
  instanceId(resource: Resource): string {
    const { instanceIDPrefix, instanceIDField } = this.#options;
    const own = ownValue(resource.data, instanceIDField);
    const id = typeof own === "string" && own !== "" ? own : typeof own === "number" ? String(own) : resource.id;
    return instanceIDPrefix + id;
  }

  /** Makes the instance of a new resource and fires its first transition; only when type and engine are configured. */
  async begin(resource: Resource): Promise<void> {
    const { workflowType, initialTransition, log } = this.#options;
    const engine = this.#options.engine?.find();
    if (workflowType === "" || engine === undefined) return;
    const id = this.instanceId(resource);
    await engine.create(workflowType, id, { ...resource.data });
    this.#linked.set(id, resource.id);
    if (engine.definition(workflowType)?.transitions.has(initialTransition) === true) {
      engine.fire(id, initialTransition, {});
    } else if (initialTransition !== "" && initialTransition !== defaultInitialTransition) {
      log.warn("Initial transition is not defined", { workflowType, transition: initialTransition });
    }
  }

  /** Moves the instance of a resource, which is made first when it is missing, and the resource with it. */
  async transition(
    engine: StateMachineEngine,
    resource: Resource,
    move: { readonly name: string; readonly workflowType: string; readonly data: Record<string, unknown> },
  ): Promise<StateMachineInstance> {
    const id = this.instanceId(resource);
    if (engine.get(id) === undefined) {
      if (move.workflowType === "") {
        throw new WorkflowError("http.bad_request", "Workflow type is required to create a new instance");
      }
      await engine.create(move.workflowType, id, { ...resource.data });
    }
    this.#linked.set(id, resource.id);
    // The resource is moved by `#onChange`, which also sees automatic transitions that come right after.
    return engine.transition(id, move.name, move.data);
  }

  forget(resource: Resource): void {
    this.#linked.delete(this.instanceId(resource));
  }

  #onChange(instance: StateMachineInstance): void {
    const resource = this.#options.resources.get(this.#linked.get(instance.id) ?? "");
    if (resource === undefined) return;
    resource.state = instance.currentState;
    resource.lastUpdate = instance.lastUpdated;
  }
}
