import { defineModule } from "../../define/define.ts";
import { HttpMiddleware } from "../../port/http.ts";
import { count, Type } from "../../schema/field.ts";
import { TokenBuckets } from "../../time/token_bucket.ts";
import { textError } from "./text_error.ts";

/** Clients remembered at once; guessed: a few megabytes. */
const clientsMax = 100_000;

const purgeMs = 5 * 60_000;

/** Refuses clients that send requests faster than allowed. */
export default defineModule({
  type: "http.middleware.ratelimit",
  summary: "Limits the requests of each client address by a token bucket, which all its routes share.",
  category: "middleware",
  provides: [HttpMiddleware],
  carry: "instance",
  config: Type.Object({
    requestsPerMinute: count({
      description: "Requests that a client may send in a minute, on average.",
      default: 60,
      minimum: 1,
    }),
    requestsPerHour: Type.Optional(
      count({ description: "Requests in an hour, on average; replaces `requestsPerMinute`.", minimum: 1 }),
    ),
    burstSize: count({
      description: "Requests that may come at once, after a pause.",
      default: 10,
      minimum: 1,
    }),
  }),
  create({ runtime }, { requestsPerMinute, requestsPerHour, burstSize }) {
    const { clock } = runtime;
    const tokensPerMinute = requestsPerHour === undefined ? requestsPerMinute : requestsPerHour / 60;
    const buckets = new TokenBuckets({ tokensPerMinute, burst: burstSize, keysMax: clientsMax });
    const refusal = { "retry-after": String(Math.ceil(60 / tokensPerMinute)) };
    const service: HttpMiddleware = {
      wrap: (next) => (exchange) =>
        buckets.take(exchange.client, clock.monotonic()) === 0
          ? next(exchange)
          : textError(429, "Rate limit exceeded", refusal),
    };
    return { service, start: (scope) => scope.every("purge", purgeMs, () => buckets.purge(clock.monotonic())) };
  },
});
