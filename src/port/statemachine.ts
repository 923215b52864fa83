import { definePort } from "../schema/field.ts";

/** One state of a definition. */
export interface StateDefinition {
  readonly description: string;
  readonly isFinal: boolean;
  readonly isError: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One allowed move between states. */
export interface TransitionDefinition {
  readonly fromState: string;
  readonly toState: string;
  readonly autoTransform: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The states and transitions of one kind of thing. */
export interface StateMachineDefinition {
  readonly name: string;
  readonly description: string;
  readonly initialState: string;
  readonly states: ReadonlyMap<string, StateDefinition>;
  readonly transitions: ReadonlyMap<string, TransitionDefinition>;
}

/** One thing that moves through the states of a definition. Times are epoch milliseconds. */
export interface StateMachineInstance {
  readonly id: string;
  readonly workflowType: string;
  currentState: string;
  previousState: string;
  data: Record<string, unknown>;
  readonly startTime: number;
  lastUpdated: number;
  completed: boolean;
  error: string | undefined;
}

/** What hooks are told before a transition takes effect. */
export interface TransitionEvent {
  readonly workflowType: string;
  /** The instance's id. */
  readonly workflowId: string;
  readonly transitionId: string;
  readonly fromState: string;
  readonly toState: string;
  readonly timestamp: number;
  /** The instance's data with the transition's laid over it. */
  readonly data: Record<string, unknown>;
}

/** Runs before the state changes; throwing aborts the transition. */
export type TransitionListener = (event: TransitionEvent) => void | Promise<void>;

/** The definitions and hooks that one section of a configuration brings. */
export interface StateMachineSection {
  readonly definitions: readonly StateMachineDefinition[];
  readonly hooks: readonly TransitionListener[];
}

/** Holds instances and moves them through their states. */
export interface StateMachineEngine {
  readonly name: string;
  /**
   * Puts a section's definitions and hooks in place, all at once, until the returned function is called. A definition
   * replaces one of the same name, and its instances have the hooks of the section that it came with. Hooks run in
   * order; the first error aborts the transition. Called when a generation opens, since an engine may be carried over
   * from the one before.
   */
  install(section: StateMachineSection): () => void;
  definitions(): readonly string[];
  definition(name: string): StateMachineDefinition | undefined;
  /** Called after each transition took effect, until the returned function is called. */
  onChange(listener: (instance: StateMachineInstance) => void): () => void;
  /** Gives a copy of the new instance. An id that exists is overwritten. Throws `module.not_found`. */
  create(workflowType: string, id: string, data: Record<string, unknown>): Promise<StateMachineInstance>;
  get(id: string): StateMachineInstance | undefined;
  /**
   * Merges `data`, moves the instance and gives a copy of it as it then was. Transitions of one instance run one after
   * the other. Throws `state.invalid_transition` or `module.not_found`, and what a hook throws.
   */
  transition(id: string, transition: string, data: Record<string, unknown>): Promise<StateMachineInstance>;
  /** Like `transition`, but nobody waits: it runs behind those that run or wait already, and a failure is logged. */
  fire(id: string, transition: string, data: Record<string, unknown>): void;
  instances(workflowType?: string): readonly StateMachineInstance[];
}
export const StateMachineEngine = definePort<StateMachineEngine>("state_machine", "a state machine engine");

/** Hook target that gets the event itself. */
export interface TransitionHandler {
  handleTransition(event: TransitionEvent, engine: StateMachineEngine): Promise<void>;
}
export const TransitionHandler = definePort<TransitionHandler>("transition_handler", "a transition handler");

/** What is known of one resource. */
export interface TrackedState {
  readonly id: string;
  readonly resourceType: string;
  readonly currentState: string;
  readonly previousState: string;
  readonly lastUpdate: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Last known state per resource. */
export interface StateTracker {
  set(resourceType: string, id: string, state: string, data: Record<string, unknown>): void;
  get(resourceType: string, id: string): TrackedState | undefined;
  /** `*` listens to every type. Called asynchronously. */
  onChange(resourceType: string, listener: (state: TrackedState) => void): () => void;
}
export const StateTracker = definePort<StateTracker>("state_tracker", "a state tracker");

/** Knows which engine holds the instances of a resource type. */
export interface StateConnector {
  map(resourceType: string, engine: StateMachineEngine, instanceIdKey: string): void;
  /** Sets the tracker that states are written to, unless there is one already. */
  attach(tracker: StateTracker): void;
  engineFor(resourceType: string): StateMachineEngine | undefined;
}
export const StateConnector = definePort<StateConnector>("state_connector", "a state connector");
