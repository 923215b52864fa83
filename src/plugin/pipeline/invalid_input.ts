import { WorkflowError } from "../../error/error.ts";

/** A field that a client sent wrong or not at all. */
export interface FieldFault {
  readonly field: string;
  /** The rule it breaks, such as `required`. */
  readonly rule: string;
  /** What is wrong, for people. */
  readonly message: string;
}

/** The 400 of a request with wrong fields: the message says all of them, and `fields` lists them for programs. */
export function invalidFields(prefix: string, faults: readonly FieldFault[]): WorkflowError {
  const missing = faults.filter(({ rule }) => rule === "required").map(({ field }) => field);
  const texts = faults.filter(({ rule }) => rule !== "required").map(({ message }) => message);
  if (missing.length > 0) texts.unshift(`missing required fields: ${missing.join(", ")}`);
  return new WorkflowError("step.invalid_input", prefix + texts.join("; "), { details: { fields: faults } });
}

/** The fault of a field that is not there. */
export function missingField(field: string): FieldFault {
  return { field, rule: "required", message: `field ${JSON.stringify(field)} is required` };
}
