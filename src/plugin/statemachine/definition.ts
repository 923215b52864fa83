import { anyMap, position, Type } from "../../schema/field.ts";
import { placed, type Position, WorkflowError } from "../../error/error.ts";
import type { StateDefinition, StateMachineDefinition, TransitionDefinition } from "../../port/statemachine.ts";

const noData = { description: "Facts about it, for readers and tools.", default: {} };

const state = Type.Object(
  {
    description: Type.String({ description: "What the state means.", default: "" }),
    isFinal: Type.Boolean({ description: "Whether an instance has ended once it is here.", default: false }),
    isError: Type.Boolean({ description: "Whether ending here is a failure.", default: false }),
    data: anyMap(noData),
  },
  { default: {} },
);

const transition = Type.Object({
  fromState: Type.String({ description: "State in which the transition is possible.", minLength: 1 }),
  toState: Type.String({ description: "State it leads to.", minLength: 1 }),
  autoTransform: Type.Boolean({
    description: "Whether it happens by itself as soon as an instance comes to `fromState`.",
    default: false,
  }),
  data: anyMap(noData),
});

/** One entry of `definitions`. */
export const definitionFields = Type.Object({
  at: position(),
  name: Type.String({ description: "Name of the state machine; triggers use it as `workflow`.", minLength: 1 }),
  description: Type.String({ description: "What it is for.", default: "" }),
  initialState: Type.String({ description: "State of a new instance.", minLength: 1 }),
  states: Type.Record(Type.String(), state, { description: "States by name.", default: {} }),
  transitions: Type.Record(Type.String(), transition, { description: "Transitions by name.", default: {} }),
});

/** A definition as it is decoded from the file. */
export interface WrittenDefinition {
  readonly at: Position;
  readonly name: string;
  readonly description: string;
  readonly initialState: string;
  readonly states: Readonly<Record<string, StateDefinition>>;
  readonly transitions: Readonly<Record<string, TransitionDefinition>>;
}

/** Makes a definition of what was written. Throws `config.value` when it has no state to begin in. */
export function toDefinition(written: WrittenDefinition): StateMachineDefinition {
  const { at, name, description, initialState } = written;
  const states = new Map(Object.entries(written.states));
  if (states.size === 0) throw refused(name, "state machine definition must have at least one state", at);
  if (!states.has(initialState)) {
    throw refused(name, `initial state '${initialState}' not found in states definition`, at);
  }
  return { name, description, initialState, states, transitions: new Map(Object.entries(written.transitions)) };
}

function refused(name: string, reason: string, at: Position): WorkflowError {
  return placed(new WorkflowError("config.value", `failed to register workflow '${name}': ${reason}`), at);
}
