import { defineModule } from "../../define/define.ts";
import { Router, RouteRank } from "../../port/http.ts";
import { answerProbe, type ProbeKind } from "../../port/probe.ts";
import type { HealthBoard } from "../../port/runtime.ts";
import { duration, optionalRef, Type } from "../../schema/field.ts";

/** Configures the probes of the engine's port. */
export default defineModule({
  type: "health.checker",
  aliases: ["observability.health"],
  summary: "Paths and limits of the probes; without it, servers answer the standard paths.",
  category: "observability",
  serviceName: "health.checker",
  config: Type.Object({
    healthPath: Type.String({ description: "Path that lists all checks.", default: "/healthz", minLength: 1 }),
    readyPath: Type.String({
      description: "Path that says whether to send traffic.",
      default: "/readyz",
      minLength: 1,
    }),
    livePath: Type.String({ description: "Path that says whether the process runs.", default: "/livez", minLength: 1 }),
    checkTimeout: duration({
      description: "Time after which a check that has not answered counts as unhealthy.",
      default: "5s",
      minimum: 1,
    }),
    autoDiscover: Type.Boolean({
      description: "Whether the modules of the configuration are checked; otherwise only the engine itself is.",
      default: true,
    }),
    router: optionalRef(Router, {
      description: "Router for the paths; found through `dependsOn`, or the first one.",
      fallback: "affinity",
    }),
  }),
  create({ name, at, runtime }, { healthPath, readyPath, livePath, checkTimeout, autoDiscover, router }) {
    const board = autoDiscover ? runtime.health : withoutChecks(runtime.health);
    const paths: readonly (readonly [string, ProbeKind])[] = [
      [healthPath, "health"],
      [readyPath, "ready"],
      [livePath, "live"],
    ];
    for (const [path, kind] of paths) {
      const handle = () => answerProbe(kind, board, checkTimeout);
      router?.add({ method: "GET", path, handle, rank: RouteRank.report, at, source: `module ${name}` });
    }
    return { service: board };
  },
});

function withoutChecks(board: HealthBoard): HealthBoard {
  return {
    check: () => Promise.resolve({}),
    get isReady() {
      return board.isReady;
    },
  };
}
