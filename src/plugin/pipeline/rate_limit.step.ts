import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import type { Frame } from "../../port/frame.ts";
import { count, template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import type { Template } from "../../template/template.ts";
import { TokenBuckets } from "../../time/token_bucket.ts";

/** Lets a bounded number of runs through per key. */
export default defineStep({
  type: "step.rate_limit",
  summary: "Refuse runs beyond a rate, for all runs together or per key.",
  category: "pipeline",
  effect: "read",
  config: Type.Object({
    requests_per_minute: count({
      description: "Runs per minute that go on in the long term.",
      default: 60,
      minimum: 1,
      invalid: "error",
    }),
    burst_size: count({ description: "Runs that may come at once.", default: 10, minimum: 1, invalid: "error" }),
    key_from: template({
      description: "Whom the limit is for, such as `{{ .tenant }}`; each key has a limit of its own.",
      default: "global",
    }),
  }),
  output: outputOf(["rate_limit"]),
  build({ name, runtime }, { requests_per_minute, burst_size, key_from }) {
    const { clock } = runtime;
    const buckets = new TokenBuckets({ tokensPerMinute: requests_per_minute, burst: burst_size });
    return (frame) => {
      const key = keyOf(key_from, frame);
      const waitMs = buckets.take(key, clock.monotonic());
      if (waitMs === 0) return { output: { rate_limit: { allowed: true, key } } };
      const text = `rate_limit step "${name}": rate limit exceeded for key ${JSON.stringify(key)}`;
      throw new WorkflowError("http.rate_limited", text, { retryAfterS: waitMs / 1000 });
    };
  },
});

/** A key that cannot be computed falls back to its own text, so that such runs share one limit instead of none. */
function keyOf(template: Template, frame: Frame): string {
  try {
    const key = template.render(frame);
    return key === "" ? template.text : key;
  } catch (error) {
    frame.log.debug("Rate limit key not computed", { error });
    return template.text;
  }
}
