import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { Cache } from "../../port/service.ts";
import { duration, ref, template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";

/** Writes one entry. */
export default defineStep({
  type: "step.cache_set",
  summary: "Put a value into a cache.",
  category: "cache",
  effect: "write",
  config: Type.Object({
    cache: ref(Cache, { description: "Cache module to write." }),
    key: template({ description: "Key of the entry." }),
    value: template({ description: "Text to keep." }),
    ttl: duration({
      description: "Lifetime of the entry; 0 for the lifetime that the cache module sets.",
      default: "0",
      minimum: 0,
      invalid: "error",
    }),
  }),
  output: outputOf(["cached"]),
  build({ name }, { cache, key, value, ttl }) {
    if (value.text === "") throw new WorkflowError("config.required", `cache_set step "${name}": 'value' is required`);
    return async (frame) => {
      await cache.set(key.render(frame), value.render(frame), ttl, frame.signal);
      return { output: { cached: true } };
    };
  },
});
