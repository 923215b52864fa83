import { definePort } from "../schema/field.ts";

export interface StateDefinition {
  readonly description: string;
  readonly isFinal: boolean;
  readonly isError: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface TransitionDefinition {
  readonly fromState: string;
  readonly toState: string;
  readonly condition: string;
  readonly autoTransform: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

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
  readonly data: Record<string, unknown>;
}

/** Runs before the state changes; throwing aborts the transition. */
export type TransitionListener = (event: TransitionEvent) => void | Promise<void>;

export interface StateMachineSection {
  readonly definitions: readonly StateMachineDefinition[];
  readonly hooks: readonly TransitionListener[];
}

export interface StateMachineEngine {
  readonly name: string;
  /**
   * Puts a section's definitions and hooks in place, all at once, until the returned function is called. A definition
   * replaces one of the same name. Hooks run in order; the first error aborts the transition. Called when a generation
   * opens, since an engine may be carried over from the one before.
   */
  install(section: StateMachineSection): () => void;
  definitions(): readonly string[];
  /** Called after each transition took effect, until the returned function is called. */
  onChange(listener: (instance: StateMachineInstance) => void): () => void;
  /** Re-creating an id overwrites it. */
  create(workflowType: string, id: string, data: Record<string, unknown>): Promise<StateMachineInstance>;
  get(id: string): StateMachineInstance | undefined;
  /** Merges `data` and moves the instance; throws `state.invalid_transition` or `module.not_found`. */
  transition(id: string, transition: string, data: Record<string, unknown>): Promise<StateMachineInstance>;
  instances(workflowType?: string): readonly StateMachineInstance[];
}
export const StateMachineEngine = definePort<StateMachineEngine>("state_machine", "a state machine engine");

/** Hook target that gets the event itself. */
export interface TransitionHandler {
  handleTransition(event: TransitionEvent, engine: StateMachineEngine): Promise<void>;
}
export const TransitionHandler = definePort<TransitionHandler>("transition_handler", "a transition handler");

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
  engineFor(resourceType: string): StateMachineEngine | undefined;
}
export const StateConnector = definePort<StateConnector>("state_connector", "a state connector");
