import { AsyncLocalStorage } from "node:async_hooks";
import { messageOf, prefixed, WorkflowError } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import type {
  StateMachineDefinition,
  StateMachineEngine,
  StateMachineInstance,
  StateMachineSection,
  TransitionDefinition,
} from "../../port/statemachine.ts";
import type { Clock } from "../../time/clock.ts";
import { InstanceStore } from "./instance_store.ts";
import { TurnQueue } from "./turn_queue.ts";

/** Automatic transitions in a row; beyond it they are taken for endless. Chosen far above any real definition. */
const automaticMax = 100;

/**
 * How long a transition that was asked for from inside another one waits for its turn, in milliseconds. If the hook
 * that asked is itself waited for, the turn can never come.
 */
const nestedWaitMs = 10_000;

/** What a machine needs. `spawn` runs work that nobody waits for, under an owner. */
export interface MachineOptions {
  readonly name: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly instancesMax: number;
  readonly finishedMs: number;
  readonly spawn: (task: () => Promise<void>) => void;
}

/** Holds instances and moves them through the states of their definitions. */
export class Machine implements StateMachineEngine {
  readonly name: string;
  readonly #options: MachineOptions;
  readonly #store: InstanceStore;
  readonly #turns: TurnQueue;
  /** Set while hooks run, also in everything they call. */
  readonly #inside = new AsyncLocalStorage<{ isOver: boolean } | undefined>();
  readonly #listeners = new Set<{ readonly notify: (instance: StateMachineInstance) => void }>();
  #sections: readonly StateMachineSection[] = [];

  constructor(options: MachineOptions) {
    this.name = options.name;
    this.#options = options;
    this.#store = new InstanceStore(options);
    this.#turns = new TurnQueue(options.clock);
  }

  /** Instances that are remembered. */
  get size(): number {
    return this.#store.size;
  }

  install(section: StateMachineSection): () => void {
    // A copy, so that installing the same section twice gives two that end apart.
    const installed = { ...section };
    this.#sections = [...this.#sections, installed];
    return () => {
      this.#sections = this.#sections.filter((other) => other !== installed);
    };
  }

  definitions(): readonly string[] {
    return [...new Set(this.#sections.flatMap(({ definitions }) => definitions.map(({ name }) => name)))];
  }

  definition(name: string): StateMachineDefinition | undefined {
    return this.#find(name)?.definition;
  }

  onChange(notify: (instance: StateMachineInstance) => void): () => void {
    const listener = { notify };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get(id: string): StateMachineInstance | undefined {
    return this.#store.get(id);
  }

  instances(workflowType?: string): readonly StateMachineInstance[] {
    const all = this.#store.all();
    return workflowType === undefined ? all : all.filter((instance) => instance.workflowType === workflowType);
  }

  async create(workflowType: string, id: string, data: Record<string, unknown>): Promise<StateMachineInstance> {
    const found = this.#find(workflowType);
    if (found === undefined) {
      throw new WorkflowError("module.not_found", `workflow type '${workflowType}' not found`);
    }
    const endTurn = await this.#takeTurn(id);
    try {
      const now = this.#options.clock.now();
      const instance: StateMachineInstance = {
        id,
        workflowType,
        currentState: found.definition.initialState,
        previousState: "",
        data: { ...data },
        startTime: now,
        lastUpdated: now,
        completed: false,
        error: undefined,
      };
      this.#store.add(instance);
      return { ...instance };
    } finally {
      endTurn();
    }
  }

  async transition(id: string, transition: string, data: Record<string, unknown>): Promise<StateMachineInstance> {
    const endTurn = await this.#takeTurn(id);
    let hasNext = false;
    try {
      const moved = await this.#move(id, transition, data);
      const next = this.#automatic(moved);
      // The turn goes on: nobody else may move the instance before its automatic transitions have.
      if (next !== undefined) this.#spawnAutomatic(id, next, endTurn);
      hasNext = next !== undefined;
      return moved;
    } finally {
      if (!hasNext) endTurn();
    }
  }

  fire(id: string, transition: string, data: Record<string, unknown>): void {
    const task = async (): Promise<void> => {
      try {
        await this.transition(id, transition, data);
      } catch (error) {
        this.#logFailure(id, transition, error);
      }
    };
    this.#spawnOutside(task);
  }

  /** Work of its own: whatever runs now does not wait for it, so its turn will come. */
  #spawnOutside(task: () => Promise<void>): void {
    this.#inside.run(undefined, () => this.#options.spawn(task));
  }

  #spawnAutomatic(id: string, first: string, endTurn: () => void): void {
    this.#spawnOutside(async () => {
      let transition: string | undefined = first;
      try {
        for (let count = 0; transition !== undefined; count++) {
          if (count === automaticMax) {
            const text = `more than ${automaticMax} automatic transitions in a row; they are taken for endless`;
            throw new WorkflowError("state.invalid_transition", text);
          }
          // Without new data: hooks see what the instance has.
          transition = this.#automatic(await this.#move(id, transition, {}));
        }
      } catch (error) {
        this.#logFailure(id, transition ?? "", error);
      } finally {
        endTurn();
      }
    });
  }

  #logFailure(instance: string, transition: string, error: unknown): void {
    this.#options.log.error("State machine transition failed", { instance, transition, error: messageOf(error) });
  }

  #takeTurn(id: string): Promise<() => void> {
    const inside = this.#inside.getStore();
    if (inside === undefined || inside.isOver) return this.#turns.take(id);
    const text = `workflow instance '${id}' is in the middle of a transition that waits for this one`;
    const hint = "let the hook return first: use autoTransform, or an eventbus trigger with `async: true`";
    const onLate = () => new WorkflowError("state.invalid_transition", text, { hint });
    return this.#turns.take(id, { ms: nestedWaitMs, onLate });
  }

  async #move(id: string, name: string, data: Record<string, unknown>): Promise<StateMachineInstance> {
    const instance = this.#store.get(id);
    if (instance === undefined) throw new WorkflowError("module.not_found", `workflow instance '${id}' not found`);
    const { workflowType: type, currentState: fromState } = instance;
    const found = this.#find(type);
    if (found === undefined) throw new WorkflowError("module.not_found", `workflow definition '${type}' not found`);
    const { definition, section } = found;
    const transition = definition.transitions.get(name);
    if (transition === undefined) {
      throw new WorkflowError("module.not_found", `transition '${name}' not found in workflow '${type}'`);
    }
    if (transition.fromState !== fromState) {
      const text = `cannot trigger transition '${name}' from state '${fromState}', expected '${transition.fromState}'`;
      throw new WorkflowError("state.invalid_transition", text);
    }
    await this.#runHooks(section, instance, name, transition, data);
    this.#commit(instance, transition.toState, definition, data);
    const moved = { ...instance };
    this.#notify(moved);
    return moved;
  }

  async #runHooks(
    section: StateMachineSection,
    instance: StateMachineInstance,
    transitionId: string,
    { fromState, toState }: TransitionDefinition,
    data: Record<string, unknown>,
  ): Promise<void> {
    if (section.hooks.length === 0) return;
    const event = {
      workflowType: instance.workflowType,
      workflowId: instance.id,
      transitionId,
      fromState,
      toState,
      timestamp: this.#options.clock.now(),
      // Spreading defines the keys: none, such as `__proto__`, can replace the prototype.
      data: { ...instance.data, ...data },
    };
    const inside = { isOver: false };
    try {
      await this.#inside.run(inside, async () => {
        for (const hook of section.hooks) await hook(event);
      });
    } catch (error) {
      throw prefixed("transition handler failed: ", error, "module.failed");
    } finally {
      inside.isOver = true;
    }
  }

  #commit(
    instance: StateMachineInstance,
    toState: string,
    definition: StateMachineDefinition,
    data: Record<string, unknown>,
  ): void {
    // The end of a transition is not checked against the states: an unknown one is a state like any other.
    const state = definition.states.get(toState);
    const isFinal = state?.isFinal === true;
    instance.previousState = instance.currentState;
    instance.currentState = toState;
    instance.lastUpdated = this.#options.clock.now();
    instance.data = { ...instance.data, ...data };
    instance.completed = isFinal;
    instance.error = isFinal && state?.isError === true ? "Workflow ended in error state" : undefined;
    this.#store.settle(instance);
  }

  #notify(instance: StateMachineInstance): void {
    for (const { notify } of this.#listeners) {
      try {
        notify({ ...instance });
      } catch (error) {
        const { log } = this.#options;
        log.error("State machine listener failed", { instance: instance.id, error: messageOf(error) });
      }
    }
  }

  /** The automatic transition that leaves the instance's state, the first in the order of the definition. */
  #automatic({ workflowType, currentState, completed }: StateMachineInstance): string | undefined {
    if (completed) return undefined;
    for (const [name, transition] of this.definition(workflowType)?.transitions ?? []) {
      if (transition.autoTransform && transition.fromState === currentState) return name;
    }
    return undefined;
  }

  #find(
    name: string,
  ): { readonly definition: StateMachineDefinition; readonly section: StateMachineSection } | undefined {
    for (const section of this.#sections.toReversed()) {
      const definition = section.definitions.findLast((candidate) => candidate.name === name);
      if (definition !== undefined) return { definition, section };
    }
    return undefined;
  }
}
