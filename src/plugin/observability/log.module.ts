import { defineModule } from "../../define/define.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import { formatTextLine } from "../../log/line.ts";
import type { LogLevel, LogRecord } from "../../log/logger.ts";
import type { Exchange } from "../../port/exchange.ts";
import { Router, RouteRank } from "../../port/http.ts";
import { choice, optionalRef, real, Type } from "../../schema/field.ts";
import { formatRfc3339Nano } from "../../time/rfc3339.ts";
import { holdRing, LogRing } from "./log_ring.ts";

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];
const dayMs = 86_400_000;

/** Keeps the latest 10 000 records of the engine's log and shows them at `/logs`. */
export default defineModule({
  type: "log.collector",
  summary: "Keeps the latest log records and serves them at `/logs`, filtered by `level` and `module`.",
  category: "observability",
  serviceName: "log.collector",
  config: Type.Object({
    logLevel: choice(["debug", "info", "warn", "error"], {
      description: "Lowest level that is kept; the level of the process itself is the lower bound.",
      default: "info",
      aliases: ["level"],
    }),
    outputFormat: choice(["json", "text"], {
      description: "Form of the answer: one JSON document, or a line of text per record.",
      default: "json",
      aliases: ["format"],
    }),
    retentionDays: real({
      description: "Age in days after which records are not shown any more.",
      default: 7,
      minimum: 0,
    }),
    router: optionalRef(Router, {
      description: "Router for `/logs`; found through `dependsOn`, or the first one.",
      fallback: "affinity",
    }),
  }),
  create({ name, at, runtime }, { logLevel, outputFormat, retentionDays, router }) {
    const lowest = levels.indexOf(logLevel);
    const config = { logLevel, outputFormat, retentionDays };
    let ring = new LogRing();
    const records = (query: URLSearchParams): readonly LogRecord[] => {
      const oldestMs = runtime.clock.now() - retentionDays * dayMs;
      const level = query.get("level");
      const module = query.get("module");
      return ring
        .records()
        .filter((record) => record.timeMs >= oldestMs)
        .filter((record) => level === null || record.level === level)
        .filter((record) => module === null || moduleOf(record) === module);
    };
    const handle = (exchange: Exchange): Response => {
      const found = records(exchange.query);
      if (outputFormat === "text") {
        const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
        return new Response(found.map(formatTextLine).join(""), { headers });
      }
      const entries = found.length === 0 ? null : found.map(toEntry);
      const body = encodeJsonLine({ config, count: found.length, entries });
      return new Response(body, { headers: { "content-type": "application/json" } });
    };
    router?.add({ method: "GET", path: "/logs", handle, rank: RouteRank.report, at, source: `module ${name}` });
    return {
      service: { records },
      start(scope) {
        const wants = (record: LogRecord) => levels.indexOf(record.level) >= lowest;
        const held = holdRing(runtime.logs, `${name} ${logLevel}`, wants);
        ring = held.ring;
        scope.defer("ring", held.release);
      },
    };
  },
});

/** The part of the program that wrote a record: a module, else the pipeline, workflow section or trigger. */
function moduleOf({ attributes }: LogRecord): string {
  for (const key of ["module", "pipeline", "workflow", "trigger"]) {
    const value = attributes[key];
    if (typeof value === "string") return value;
  }
  return "engine";
}

/** Attributes other than the message stay in the log itself: they may hold what a client of `/logs` must not see. */
function toEntry(record: LogRecord): Record<string, unknown> {
  return {
    timestamp: formatRfc3339Nano(record.timeMs),
    module: moduleOf(record),
    level: record.level,
    message: record.message,
  };
}
