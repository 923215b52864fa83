import { WorkflowError } from "../../error/error.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import type { EventStore, ExecutionFilter, StoredEvent } from "../../port/event_store.ts";
import type { Exchange } from "../../port/exchange.ts";
import { idIn, pageOf, textIn } from "../../port/query.ts";
import { answerReplay } from "../../port/replay_route.ts";
import type { RunControl } from "../../port/run_control.ts";
import type { RouteBelow } from "./route_below.ts";
import { timelineOf } from "./timeline.ts";

const statuses = ["running", "completed", "failed", "cancelled"] as const;

/** Executions, and one as a timeline or as events. */
export function timelineRoutes(store: EventStore | undefined): readonly RouteBelow[] {
  return [
    {
      method: "GET",
      path: "",
      answer: async (exchange) => {
        const executions = (await storeOf(store).executions(filterOf(exchange))).map((events) =>
          timelineOf(events[0]?.execution_id ?? "", events),
        );
        return shown({ executions, count: executions.length });
      },
    },
    {
      method: "GET",
      path: "/{id}/timeline",
      answer: async (exchange) => shown(timelineOf(idIn(exchange), await eventsOf(exchange, store))),
    },
    {
      method: "GET",
      path: "/{id}/events",
      answer: async (exchange) => {
        const type = textIn(exchange, "type");
        const all = await eventsOf(exchange, store);
        const events = all.filter((event) => type === undefined || event.event_type === type);
        return shown({ events, count: events.length });
      },
    },
  ];
}

/** The repetition of an execution, and of what one is the repetition. */
export function replayRoutes(store: EventStore | undefined, runs: RunControl | undefined): readonly RouteBelow[] {
  return [
    {
      method: "POST",
      path: "/{id}/replay",
      answer: async (exchange) => {
        if (runs !== undefined) return answerReplay(exchange, runs);
        throw new WorkflowError("store.failed", "executions are not recorded by this server");
      },
    },
    {
      method: "GET",
      path: "/{id}/replay",
      answer: async (exchange) => {
        const events = (await eventsOf(exchange, store)).filter((event) => event.event_type === "execution.replay");
        const replays = events.map((event) => ({
          event_type: event.event_type,
          data: event.event_data,
          created_at: event.created_at,
        }));
        return shown({ execution_id: idIn(exchange), is_replay: replays.length > 0, replay_events: replays });
      },
    },
  ];
}

/** Paths that were offered once, and what there is instead. */
const refused: Readonly<Record<"executions" | "backfill" | "mocks", Readonly<Record<string, string>>>> = {
  executions: { "/diff": "executions are not compared by this server; read the timelines of both" },
  backfill: pathsOf("backfills are not offered by this server; replay single executions", [
    "",
    "/{id}",
    "/{id}/cancel",
  ]),
  mocks: pathsOf("step mocks are not offered by this server; run workflow tests", [
    "",
    "/{pipeline}",
    "/{pipeline}/{step}",
  ]),
};

/** Routes that answer 404 and say what there is instead. */
export function refusedRoutes(group: keyof typeof refused): readonly RouteBelow[] {
  return Object.entries(refused[group]).flatMap(([path, text]) =>
    ["GET", "POST", "DELETE"].map((method) => ({
      method,
      path,
      answer: () => Promise.reject(new WorkflowError("http.not_found", text)),
    })),
  );
}

function pathsOf(text: string, paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(paths.map((path) => [path, text]));
}

function filterOf(exchange: Exchange): ExecutionFilter {
  const named = textIn(exchange, "status");
  const status = statuses.find((known) => known === named);
  if (named !== undefined && status === undefined) {
    throw new WorkflowError("http.bad_request", `status must be one of ${statuses.join(", ")}`);
  }
  return { pipeline: textIn(exchange, "pipeline"), status, ...pageOf(exchange) };
}

/** The events of the execution in the path. Throws 400 for a bad id, and 404. */
async function eventsOf(exchange: Exchange, store: EventStore | undefined): Promise<readonly StoredEvent[]> {
  const id = idIn(exchange);
  const events = await storeOf(store).events(id);
  if (events.length > 0) return events;
  throw new WorkflowError("run.not_found", `there is no execution ${id}`);
}

function storeOf(store: EventStore | undefined): EventStore {
  if (store !== undefined) return store;
  throw new WorkflowError("run.missing_service", "timeline.service has no event store", { status: 503 });
}

function shown(body: unknown): Response {
  return new Response(encodeJsonLine(body), { headers: { "content-type": "application/json" } });
}
