import type { Static } from "typebox";
import type { StepContext } from "../../define/definition.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import type { Frame } from "../../port/frame.ts";
import { FlagService } from "../../port/service.ts";
import { optionalRef, template, Type } from "../../schema/field.ts";
import { printValue } from "../../template/print.ts";
import type { Template } from "../../template/template.ts";

/** The settings that the flag steps share. */
export const flagFields = {
  flag: template({ description: "Key of the flag." }),
  user_from: Type.Optional(template({ description: "User that the flag is evaluated for." })),
  group_from: Type.Optional(template({ description: "Groups of the user, with commas between them." })),
  service: optionalRef(FlagService, {
    description: "Feature flag module; the first one when it is not given.",
    fallback: "first",
  }),
};

const flagSchema = Type.Object(flagFields);

/** What a flag says for one run. */
export interface FlagVerdict {
  readonly flag: string;
  readonly enabled: boolean;
  readonly variant: string;
  readonly value: unknown;
}

/** Compiles the shared settings to a function that evaluates the flag for a run. Throws without a service. */
export function compileFlag(
  { name, at }: StepContext,
  kind: string,
  { flag, user_from, group_from, service }: Static<typeof flagSchema>,
): (frame: Frame) => Promise<FlagVerdict> {
  const prefix = `${kind} step "${name}": `;
  if (flag.text === "") throw new WorkflowError("config.required", `${prefix}'flag' is required`, { at: [at] });
  if (service === undefined) {
    const text = `${prefix}featureflag.service module must be loaded first`;
    throw new WorkflowError("config.unknown_reference", text, { at: [at] });
  }
  return async (frame) => {
    const key = render(flag, "flag", frame);
    const user = render(user_from, "user_from", frame);
    const groups = render(group_from, "group_from", frame);
    try {
      const { value } = await service.evaluate(key, user, { groups });
      return { flag: key, value, ...judge(value) };
    } catch (error) {
      const failed = prefixed(`${prefix}failed to evaluate flag ${JSON.stringify(key)}: `, error, "step.failed");
      // A key that the configuration fixes is not the client's mistake when there is no such flag.
      throw flag.isConstant ? new WorkflowError("step.failed", failed.message, { cause: error }) : failed;
    }
  };

  function render(text: Template | undefined, field: string, frame: Frame): string {
    try {
      return text?.render(frame) ?? "";
    } catch (error) {
      throw prefixed(`${prefix}failed to resolve ${field}: `, error, "step.template");
    }
  }
}

function judge(value: unknown): { readonly enabled: boolean; readonly variant: string } {
  if (typeof value === "boolean") return { enabled: value, variant: String(value) };
  if (typeof value === "string") return { enabled: !["", "false", "0"].includes(value), variant: value };
  return { enabled: value !== null && value !== undefined, variant: printValue(value) };
}
