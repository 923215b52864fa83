import { defineModule } from "../../define/define.ts";
import type { Logger } from "../../log/logger.ts";
import type { Exchange } from "../../port/exchange.ts";
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
    const head = `[${logLevel}] `;
    // Lines of one status differ in their text alone, so that what follows it is put together once.
    const ofStatus = new Map<number, Logger>();
    const statusLog = (status: number): Logger => {
      let found = ofStatus.get(status);
      if (found === undefined) {
        found = log.child({ status });
        ofStatus.set(status, found);
      }
      return found;
    };
    const write = (exchange: Exchange, status: number, durationMs: number): void => {
      const { method, path, requestId } = exchange;
      const text = `${head}${method} ${path} ${formatDuration(durationMs)}`;
      if (requestId === undefined && !clientAddress) return statusLog(status).log(logLevel, text);
      const id = requestId === undefined ? {} : { request_id: requestId };
      const client = clientAddress ? { client: exchange.client } : {};
      log.log(logLevel, text, { status, ...client, ...id });
    };
    const service: HttpMiddleware = {
      wrap(next) {
        if (!log.isEnabled(logLevel)) return next;
        return (exchange) => {
          const started = clock.monotonic();
          return changed(next(exchange), ({ status }) => write(exchange, status, clock.monotonic() - started));
        };
      },
    };
    return { service };
  },
});
