import { WorkflowError } from "../../error/error.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import { parseJson } from "../../json/parse.ts";
import type { Exchange } from "../../port/exchange.ts";
import { answerReplay } from "../../port/replay_route.ts";
import { storedText } from "../../service/journal/blob.ts";
import type { Journal } from "../../service/journal/journal.ts";
import { encodeValue } from "../../service/journal/payload.ts";
import type { RunStatus } from "../../service/journal/run_row.ts";
import { json } from "../answer.ts";
import { eventsOf, executionRecord, executionSummary, stepRecord, time, timelineOf } from "../execution_view.ts";
import { idIn, pageOf, textIn, timeIn } from "../../port/query.ts";
import type { ManagementContext, ManagementRoute } from "../route.ts";

/** Executions: what ran, what runs, what waits, and what people do with it. */
export const executionRoutes: readonly ManagementRoute[] = [
  {
    method: "GET",
    path: "/api/v1/admin/executions",
    aliases: ["/api/v1/executions"],
    access: "guide",
    summary: "Executions, the newest first; filtered by pipeline, status and time.",
    handle: list,
  },
  {
    method: "GET",
    path: "/api/v1/admin/executions/{id}",
    aliases: ["/api/v1/executions/{id}"],
    access: "guide",
    summary: "One execution with its input and its result.",
    handle: async (exchange, context) => {
      const { run, steps } = await found(exchange, context);
      return shown(context, executionRecord(run, steps));
    },
  },
  {
    method: "GET",
    path: "/api/v1/admin/executions/{id}/steps",
    access: "guide",
    summary: "The steps of an execution in the order in which they ran.",
    handle: async (exchange, context) => {
      const { run, steps } = await found(exchange, context);
      return shown(context, { steps: steps.map((step) => stepRecord(run, step)), count: steps.length });
    },
  },
  {
    method: "GET",
    path: "/api/v1/admin/executions/{id}/timeline",
    access: "guide",
    summary: "An execution as it went, with outputs, attempts and errors.",
    handle: async (exchange, context) => {
      const { run, steps } = await found(exchange, context);
      return shown(context, timelineOf(run, steps));
    },
  },
  {
    method: "GET",
    path: "/api/v1/admin/executions/{id}/events",
    access: "guide",
    summary: "An execution as events; `type` chooses one kind.",
    handle: async (exchange, context) => {
      const { run, steps } = await found(exchange, context);
      const type = textIn(exchange, "type");
      const events = eventsOf(run, steps).filter((event) => type === undefined || event.event_type === type);
      return shown(context, { events, count: events.length });
    },
  },
  {
    method: "GET",
    path: "/api/v1/admin/executions/{id}/blobs/{hash}",
    access: "guide",
    summary: "A long value of an execution, as a stream.",
    handle: blob,
  },
  {
    method: "POST",
    path: "/api/v1/admin/executions/{id}/cancel",
    aliases: ["/api/v1/executions/{id}/cancel"],
    access: "guide",
    summary: "Ends an execution that is not finished.",
    handle: async (exchange, context) => {
      const id = idIn(exchange);
      await journalOf(context).cancel(id, "cancelled by request");
      return json(200, { id, status: "cancelled" });
    },
  },
  {
    method: "POST",
    path: "/api/v1/admin/executions/{id}/replay",
    access: "guide",
    summary: "Runs an execution again, as it was or with changes, from the start or from a step.",
    handle: replay,
  },
  {
    method: "GET",
    path: "/api/v1/admin/executions/{id}/replay",
    access: "guide",
    summary: "Whether an execution is a replay, and of what.",
    handle: async (exchange, context) => {
      const { run } = await found(exchange, context);
      const data = { original_execution_id: run.replayOf };
      const event = { event_type: "execution.replay", data, created_at: time(run.createdAt) };
      const isReplay = run.replayOf !== undefined;
      return json(200, { execution_id: run.id, is_replay: isReplay, replay_events: isReplay ? [event] : [] });
    },
  },
  {
    method: "POST",
    path: "/api/v1/executions/{id}/signals/{name}",
    aliases: ["/api/v1/admin/executions/{id}/signals/{name}"],
    access: "guide",
    summary: "Sends a signal to an execution, with a JSON body; an execution that waits for it goes on.",
    handle: signal,
  },
];

/** The journal of the server. Throws 503 where there is none. */
export function journalOf({ services }: ManagementContext): Journal {
  if (services.journal !== undefined) return services.journal;
  throw new WorkflowError("store.failed", "executions are not recorded by this server");
}

async function found(exchange: Exchange, context: ManagementContext) {
  const id = idIn(exchange);
  const journal = journalOf(context);
  await journal.settled();
  const run = await journal.find(id);
  if (run === undefined) throw new WorkflowError("run.not_found", `there is no execution ${id}`);
  return { run, steps: await journal.steps(id) };
}

/** An answer without the values of secrets. */
function shown({ engine }: ManagementContext, body: unknown): Response {
  const headers = { "content-type": "application/json" };
  return new Response(engine.conceal(encodeJsonLine(body)), { status: 200, headers });
}

const statuses: ReadonlyMap<string, RunStatus> = new Map([
  ["pending", "queued"],
  ["queued", "queued"],
  ["running", "running"],
  ["waiting", "waiting"],
  ["blocked", "blocked"],
  ["completed", "completed"],
  ["failed", "failed"],
  ["cancelled", "cancelled"],
]);

async function list(exchange: Exchange, context: ManagementContext): Promise<Response> {
  const named = textIn(exchange, "status");
  const status = named === undefined ? undefined : statuses.get(named);
  if (named !== undefined && status === undefined) {
    throw new WorkflowError("http.bad_request", `status must be one of ${[...statuses.keys()].join(", ")}`);
  }
  const pipeline = textIn(exchange, "pipeline");
  const times = { since: timeIn(exchange, "since"), until: timeIn(exchange, "until") };
  const runs = await journalOf(context).list({ pipeline, status, ...times, ...pageOf(exchange) });
  return shown(context, { executions: runs.map(executionSummary), count: runs.length });
}

async function blob(exchange: Exchange, context: ManagementContext): Promise<Response> {
  const id = idIn(exchange);
  const { hash = "" } = exchange.params;
  const parts = await journalOf(context).blob(id, hash);
  if (parts === undefined) throw new WorkflowError("run.not_found", `execution ${id} has no such value`);
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(stream, { headers: { "content-type": "application/json" } });
}

function replay(exchange: Exchange, { engine }: ManagementContext): Promise<Response> {
  if (engine.runs !== undefined) return answerReplay(exchange, engine.runs);
  throw new WorkflowError("store.failed", "executions are not recorded by this server");
}

/** Longest name of a signal, in characters. */
const nameMax = 200;

async function signal(exchange: Exchange, context: ManagementContext): Promise<Response> {
  const id = idIn(exchange);
  const { name = "" } = exchange.params;
  if (name === "" || name.length > nameMax) {
    throw new WorkflowError("http.bad_request", `a signal's name has 1 to ${nameMax} characters`);
  }
  const text = await exchange.text();
  const payload = text.trim() === "" ? null : parseJson(text);
  const { column, operations } = storedText(id, encodeValue(payload));
  await journalOf(context).signal(id, { id: Bun.randomUUIDv7(), name, payload: column, operations });
  return json(202, { id, signal: name, status: "accepted" });
}
