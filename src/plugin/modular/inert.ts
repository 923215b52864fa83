import { defineModule } from "../../define/define.ts";
import type { AnyModuleDefinition } from "../../define/definition.ts";
import { Type } from "../../schema/field.ts";

/** A type that older configurations declare for what is always there. It accepts any settings and does nothing. */
export function inertModule(
  type: string,
  summary: string,
  category: AnyModuleDefinition["category"],
): AnyModuleDefinition {
  return defineModule({
    type,
    summary,
    category,
    config: Type.Object({}, { additionalProperties: true }),
    create: () => ({}),
  });
}
