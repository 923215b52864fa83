import { WorkflowError } from "../error/error.ts";
import { encodeJsonLine } from "../json/encode.ts";
import { deadLetterStatus } from "./dead_letter.ts";
import type { Exchange } from "./exchange.ts";
import { idIn, pageOf, textIn, wholeNumber } from "./query.ts";
import type { RunControl } from "./run_control.ts";

/** One endpoint of the dead letters, wherever they are mounted. */
export interface DeadLetterRoute {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the path of the list. */
  readonly path: string;
  readonly summary: string;
  answer(exchange: Exchange, runs: RunControl): Promise<Response>;
}

/** The endpoints of the dead letters, for the management port and `dlq.service`. Literal paths come first. */
export const deadLetterRoutes: readonly DeadLetterRoute[] = [
  {
    method: "GET",
    path: "",
    summary: "Dead letters, the newest first; filtered by pipeline, step, status and error code.",
    answer: list,
  },
  {
    method: "GET",
    path: "/stats",
    summary: "How many dead letters there are, by status.",
    answer: async (_exchange, runs) => {
      const { total, byStatus } = await runs.deadLetters.counts();
      return shown(runs, { total, by_status: byStatus });
    },
  },
  {
    method: "DELETE",
    path: "/purge",
    summary: "Removes resolved and discarded dead letters older than `older_than_hours` (720).",
    answer: async (exchange, runs) => {
      const hours = wholeNumber(exchange, "older_than_hours") ?? 720;
      const purged = await runs.deadLetters.purge(hours * 3_600_000);
      return shown(runs, { purged, older_than_hours: hours });
    },
  },
  {
    method: "GET",
    path: "/{id}",
    summary: "One dead letter.",
    answer: async (exchange, runs) => shown(runs, await runs.deadLetters.entry(idIn(exchange))),
  },
  {
    method: "POST",
    path: "/{id}/retry",
    summary: "Runs the failed run again from the step that failed, with the present definition of its pipeline.",
    answer: async (exchange, runs) => {
      const run = await runs.deadLetters.retry(idIn(exchange));
      return shown(runs, { status: "retrying", execution_id: run });
    },
  },
  closing("discard", "discarded", "Gives a dead letter up."),
  closing("resolve", "resolved", "Marks a dead letter as dealt with elsewhere."),
];

function closing(verb: string, status: "discarded" | "resolved", summary: string): DeadLetterRoute {
  return {
    method: "POST",
    path: `/{id}/${verb}`,
    summary,
    answer: async (exchange, runs) => {
      await runs.deadLetters.close(idIn(exchange), status);
      return shown(runs, { status });
    },
  };
}

async function list(exchange: Exchange, runs: RunControl): Promise<Response> {
  const named = textIn(exchange, "status");
  const status = deadLetterStatus(named);
  if (named !== undefined && status === undefined) {
    throw new WorkflowError("http.bad_request", "status must be pending, retrying, resolved or discarded");
  }
  const page = pageOf(exchange);
  const chosen = { pipeline: textIn(exchange, "pipeline"), step: textIn(exchange, "step") };
  const errorCode = textIn(exchange, "error_type");
  const { entries, total } = await runs.deadLetters.list({ ...chosen, status, errorCode, ...page });
  return shown(runs, { entries, total, ...page });
}

/** An answer without the values of secrets. */
function shown(runs: RunControl, body: unknown): Response {
  const headers = { "content-type": "application/json" };
  return new Response(runs.conceal(encodeJsonLine(body)), { status: 200, headers });
}
