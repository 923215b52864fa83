import { WorkflowError } from "../../error/error.ts";
import { deadLetterRoutes as sharedRoutes } from "../../port/dead_letter_route.ts";
import type { RunControl } from "../../port/run_control.ts";
import type { ManagementContext, ManagementRoute } from "../route.ts";

/** Dead letters: failed runs that nobody waited for. */
export const deadLetterRoutes: readonly ManagementRoute[] = sharedRoutes.map(({ method, path, summary, answer }) => ({
  method,
  path: `/api/v1/admin/dlq${path}`,
  access: "guide",
  summary,
  handle: (exchange, context) => answer(exchange, control(context)),
}));

/** What is done with runs. Throws 503 where they are not recorded. */
function control({ engine }: ManagementContext): RunControl {
  if (engine.runs !== undefined) return engine.runs;
  throw new WorkflowError("store.failed", "executions are not recorded by this server");
}
