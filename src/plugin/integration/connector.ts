import type { Connector } from "../../port/service.ts";

/** Runs one action with its input. */
export type RunAction = (input: Record<string, unknown>, signal: AbortSignal) => Promise<Record<string, unknown>>;

/** A connector whose actions are read once, when the configuration is built. */
export interface CompiledConnector extends Connector {
  /** Throws `config.value` for an action that the connector does not understand. */
  compile(action: string): RunAction;
  /** Lets what is under way finish. */
  drain?(signal: AbortSignal): Promise<void>;
}

/** A connector made of its compiler. */
export function connectorOf(compile: (action: string) => RunAction): CompiledConnector {
  return { compile, execute: (action, input, signal) => compile(action)(input, signal) };
}
