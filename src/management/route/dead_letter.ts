import { WorkflowError } from "../../error/error.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import { asMap } from "../../json/map.ts";
import type { RunControl } from "../../engine/run_control.ts";
import type { Exchange } from "../../port/exchange.ts";
import { type DeadLetter, type DeadLetterFilter, deadLetterStatus } from "../../service/journal/dead_letter.ts";
import { json } from "../answer.ts";
import { shownValue, time } from "../execution_view.ts";
import { idIn, pageOf, textIn, wholeNumber } from "../query.ts";
import type { ManagementContext, ManagementRoute } from "../route.ts";
import { journalOf } from "./execution.ts";

/** Dead letters: failed runs that nobody waited for. */
export const deadLetterRoutes: readonly ManagementRoute[] = [
  {
    method: "GET",
    path: "/api/v1/admin/dlq",
    access: "guide",
    summary: "Dead letters, the newest first; filtered by pipeline, step, status and error code.",
    handle: async (exchange, context) => {
      const journal = journalOf(context);
      const filter = filterOf(exchange);
      const page = pageOf(exchange);
      const entries = await journal.deadLetters({ ...filter, ...page });
      const { total } = await journal.deadLetterCounts(filter);
      return shown(context, { entries: entries.map(entryOf), total, ...page });
    },
  },
  {
    method: "GET",
    path: "/api/v1/admin/dlq/stats",
    access: "guide",
    summary: "How many dead letters there are, by status.",
    handle: async (_exchange, context) => {
      const { total, byStatus } = await journalOf(context).deadLetterCounts({});
      return json(200, { total, by_status: { pending: 0, retrying: 0, resolved: 0, discarded: 0, ...byStatus } });
    },
  },
  {
    method: "DELETE",
    path: "/api/v1/admin/dlq/purge",
    access: "guide",
    summary: "Removes resolved and discarded dead letters older than `older_than_hours` (720).",
    handle: async (exchange, context) => {
      const hours = wholeNumber(exchange, "older_than_hours") ?? 720;
      const journal = journalOf(context);
      const purged = await journal.purgeDeadLetters(journal.clock.now() - hours * 3_600_000);
      return json(200, { purged, older_than_hours: hours });
    },
  },
  {
    method: "GET",
    path: "/api/v1/admin/dlq/{id}",
    access: "guide",
    summary: "One dead letter.",
    handle: async (exchange, context) => shown(context, entryOf(await found(exchange, context))),
  },
  {
    method: "POST",
    path: "/api/v1/admin/dlq/{id}/retry",
    access: "guide",
    summary: "Runs the failed run again from the step that failed, with the present definition of its pipeline.",
    handle: async (exchange, context) => {
      const letter = await found(exchange, context);
      await control(context).retry(letter);
      return json(200, { status: "retrying", execution_id: letter.run });
    },
  },
  closing("discard", "discarded", "Gives a dead letter up."),
  closing("resolve", "resolved", "Marks a dead letter as dealt with elsewhere."),
];

function closing(verb: string, status: "discarded" | "resolved", summary: string): ManagementRoute {
  return {
    method: "POST",
    path: `/api/v1/admin/dlq/{id}/${verb}`,
    access: "guide",
    summary,
    handle: async (exchange, context) => {
      await control(context).close(await found(exchange, context), status);
      return json(200, { status });
    },
  };
}

function control({ engine }: ManagementContext): RunControl {
  if (engine.runs !== undefined) return engine.runs;
  throw new WorkflowError("store.failed", "executions are not recorded by this server");
}

async function found(exchange: Exchange, context: ManagementContext): Promise<DeadLetter> {
  const letter = await journalOf(context).deadLetter(idIn(exchange));
  if (letter === undefined) throw new WorkflowError("run.not_found", "entry not found");
  return letter;
}

function filterOf(exchange: Exchange): DeadLetterFilter {
  const named = textIn(exchange, "status");
  const status = deadLetterStatus(named);
  if (named !== undefined && status === undefined) {
    throw new WorkflowError("http.bad_request", "status must be pending, retrying, resolved or discarded");
  }
  const errorCode = textIn(exchange, "error_type");
  return { pipeline: textIn(exchange, "pipeline"), step: textIn(exchange, "step"), status, errorCode };
}

function shown({ engine }: ManagementContext, body: unknown): Response {
  const headers = { "content-type": "application/json" };
  return new Response(engine.conceal(encodeJsonLine(body)), { status: 200, headers });
}

function entryOf(letter: DeadLetter): Record<string, unknown> {
  const payload = shownValue(letter.payload);
  return {
    id: letter.id,
    original_event: asMap(payload).data ?? payload,
    pipeline_name: letter.pipeline,
    step_name: letter.step,
    error_message: letter.error,
    error_type: letter.errorCode,
    retry_count: letter.retryCount,
    status: letter.status,
    created_at: time(letter.createdAt),
    updated_at: time(letter.updatedAt),
    resolved_at: time(letter.resolvedAt),
    metadata: { execution_id: letter.run },
  };
}
