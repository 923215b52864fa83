import type {
  StateConnector,
  StateMachineEngine,
  StateMachineInstance,
  StateTracker,
} from "../../port/statemachine.ts";

interface Mapping {
  readonly resourceType: string;
  readonly engine: StateMachineEngine;
  readonly instanceIdKey: string;
}

/** The resource type that a definition stands for when nothing else is said: its name with underscores. */
export function resourceTypeOf(definition: string): string {
  return definition.replaceAll("-", "_");
}

/** Writes the states of instances to a tracker, under the resource types that are mapped to their engine. */
export class TrackingConnector implements StateConnector {
  readonly #mappings = new Map<string, Mapping>();
  #tracker: StateTracker | undefined;
  #unsubscribe: (() => void)[] = [];

  constructor(tracker: StateTracker | undefined) {
    this.#tracker = tracker;
  }

  get hasTracker(): boolean {
    return this.#tracker !== undefined;
  }

  map(resourceType: string, engine: StateMachineEngine, instanceIdKey: string): void {
    this.#mappings.set(resourceType, { resourceType, engine, instanceIdKey });
  }

  attach(tracker: StateTracker): void {
    this.#tracker ??= tracker;
  }

  engineFor(resourceType: string): StateMachineEngine | undefined {
    return this.#mappings.get(resourceType)?.engine;
  }

  /** Begins to follow the engines. What a tracker does not know yet of their instances is written at once. */
  follow(): void {
    const engines = new Set([...this.#mappings.values()].map(({ engine }) => engine));
    for (const engine of engines) {
      for (const instance of engine.instances()) this.#track(engine, instance, "unknown");
      this.#unsubscribe.push(engine.onChange((instance) => this.#track(engine, instance, "changed")));
    }
  }

  unfollow(): void {
    for (const end of this.#unsubscribe) end();
    this.#unsubscribe = [];
  }

  #track(engine: StateMachineEngine, instance: StateMachineInstance, which: "changed" | "unknown"): void {
    for (const { resourceType, instanceIdKey } of this.#mappingsOf(engine, instance)) {
      const named = Object.hasOwn(instance.data, instanceIdKey) ? instance.data[instanceIdKey] : undefined;
      const id = typeof named === "string" || typeof named === "number" ? String(named) : instance.id;
      if (which === "unknown" && this.#tracker?.get(resourceType, id) !== undefined) continue;
      this.#tracker?.set(resourceType, id, instance.currentState, instance.data);
    }
  }

  /** The mapping named like the instance's definition; without one, those that are named like no definition. */
  #mappingsOf(engine: StateMachineEngine, { workflowType }: StateMachineInstance): readonly Mapping[] {
    const own = [...this.#mappings.values()].filter((mapping) => mapping.engine === engine);
    const exact = own.filter(({ resourceType }) => resourceType === resourceTypeOf(workflowType));
    if (exact.length > 0) return exact;
    const taken = new Set(engine.definitions().map(resourceTypeOf));
    return own.filter(({ resourceType }) => !taken.has(resourceType));
  }
}
