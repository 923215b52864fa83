import { defineModule } from "../../define/define.ts";
import { HttpMiddleware } from "../../port/http.ts";
import { choice, Type } from "../../schema/field.ts";
import { formatDuration } from "../../time/duration.ts";
import { changed } from "./changed.ts";

/** Writes one line for each request. */
export default defineModule({
  type: "http.middleware.logging",
  summary: "Logs method, path, status and duration of every request.",
  category: "middleware",
  provides: [HttpMiddleware],
  config: Type.Object({
    logLevel: choice(["debug", "info", "warn", "error"], {
      description: "Level of the lines; those below the level of the log are not written.",
      default: "info",
    }),
    clientAddress: Type.Boolean({
      description: "Whether lines carry the client's address; asking for it costs about a tenth of a small request.",
      default: false,
    }),
  }),
  create({ log, runtime }, { logLevel, clientAddress }) {
    const { clock } = runtime;
    const service: HttpMiddleware = {
      wrap: (next) => (exchange) => {
        const started = clock.monotonic();
        return changed(next(exchange), ({ status }) => {
          const { method, path, requestId } = exchange;
          const duration = formatDuration(clock.monotonic() - started);
          const id = requestId === undefined ? {} : { request_id: requestId };
          const client = clientAddress ? { client: exchange.client } : {};
          log.log(logLevel, `[${logLevel}] ${method} ${path} ${duration}`, { status, ...client, ...id });
        });
      },
    };
    return { service };
  },
});
