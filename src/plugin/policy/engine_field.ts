import { prefixed, WorkflowError } from "../../error/error.ts";
import { PolicyEngine } from "../../port/policy.ts";
import { type LateRef, lateRef } from "../../schema/field.ts";

/** The engine that a step asks. */
export const engineField = lateRef(PolicyEngine, { description: "Policy engine to ask, such as a policy.mock." });

/** Asks the engine, with `prefix` before the message of a failure. Throws `run.missing_service` without an engine. */
export async function ask<T>(
  engine: LateRef<PolicyEngine>,
  prefix: string,
  question: (engine: PolicyEngine) => Promise<T>,
): Promise<T> {
  const service = engine.find();
  if (service === undefined) {
    throw new WorkflowError("run.missing_service", `${prefix}service ${JSON.stringify(engine.name)} not found`);
  }
  try {
    return await question(service);
  } catch (error) {
    throw prefixed(prefix, error, "step.failed");
  }
}
