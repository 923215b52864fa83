import { defineTrigger } from "../../define/define.ts";
import { Type } from "../../schema/field.ts";

/** Accepted for configurations that were written for tests; it never starts anything. */
export default defineTrigger({
  type: "mock",
  summary: "Accepted with any settings; never starts anything.",
  entry: Type.Object({}, { additionalProperties: true }),
  build: () => ({}),
});
