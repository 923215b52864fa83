import { WorkflowError } from "../error/error.ts";
import { encodeJsonLine } from "../json/encode.ts";
import { asMap, isPlainMap } from "../json/map.ts";
import { parseJson } from "../json/parse.ts";
import type { Exchange } from "./exchange.ts";
import { idIn } from "./query.ts";
import type { RunControl } from "./run_control.ts";

/** Repeats the execution in the path as the body says: the management port and `timeline.service` do the same. */
export async function answerReplay(exchange: Exchange, runs: RunControl): Promise<Response> {
  const id = idIn(exchange);
  const text = await exchange.text();
  const body = text.trim() === "" ? {} : parseJson(text);
  if (!isPlainMap(body)) throw new WorkflowError("http.bad_request", "the body must be a JSON object");
  const { mode = "exact", modifications, from_step: fromStep } = body;
  if (mode !== "exact" && mode !== "modified") {
    throw new WorkflowError("http.bad_request", "mode must be 'exact' or 'modified'");
  }
  if (fromStep !== undefined && typeof fromStep !== "string") {
    throw new WorkflowError("http.bad_request", "from_step must be the name of a step");
  }
  const changes = mode === "modified" ? asMap(modifications) : undefined;
  const newId = await runs.replay(id, { modifications: changes, fromStep });
  const answer = { original_execution_id: id, new_execution_id: newId, type: "replay", mode, status: "started" };
  const headers = { "content-type": "application/json", location: `/api/v1/executions/${newId}` };
  return new Response(encodeJsonLine(answer), { status: 201, headers });
}
