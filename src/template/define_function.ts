import type { Clock } from "../time/clock.ts";
import type { TemplateScope } from "./template_scope.ts";

/** How a number is named in messages. All numbers are alike otherwise: an integral one works wherever an int does. */
export type NumberKind = "int" | "float64";

/** What a function may know of the place it is called from, beside its arguments. */
export interface CallSite {
  readonly clock: Pick<Clock, "now">;
  /** Makes a random UUID, version 4, in lower case. */
  readonly uuid: () => string;
  /** For each argument, what to call it in a message should it be a number. */
  readonly numberKinds: readonly NumberKind[];
}

/** One parameter, as shown in the reference and checked before the call. */
export interface FunctionParameter {
  readonly name: string;
  readonly type: "string" | "number" | "any";
  readonly optional?: true;
  /** The last parameter may take any number of arguments. */
  readonly rest?: true;
  readonly description: string;
}

/** A function that templates can call. */
export interface TemplateFunction {
  /** As written in a template. */
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly FunctionParameter[];
  /** What its numbers are called in messages; float64 when not said. */
  readonly numberKind?: NumberKind;
  /** Receives arguments that fit `parameters`. Throws an Error whose message says what is wrong with them. */
  call(args: readonly unknown[], scope: TemplateScope, site: CallSite): unknown;
}

/** States a template function; the reference page and the call checks are computed from it. */
export function defineFunction(definition: TemplateFunction): TemplateFunction {
  return definition;
}
