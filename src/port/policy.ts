import { definePort } from "../schema/field.ts";

/** What an engine decided, and why. */
export interface PolicyDecision {
  readonly allowed: boolean;
  /** Why it is not allowed. */
  readonly reasons: readonly string[];
  /** Facts about the decision, such as the engine's kind. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Judges inputs by policies. */
export interface PolicyEngine {
  /** The module's name. */
  readonly name: string;
  evaluate(input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<PolicyDecision>;
  /** Adds a policy, or replaces the one of that name. Throws what keeps it from being used. */
  load(policy: string, content: string, signal: AbortSignal): Promise<void>;
  /** In the order in which they were first loaded. */
  list(signal: AbortSignal): Promise<readonly { readonly name: string; readonly backend: string }[]>;
}
/** The role of a policy engine. */
export const PolicyEngine = definePort<PolicyEngine>("policy_engine", "a policy engine");
