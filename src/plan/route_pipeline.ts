import type { Config } from "../config/config.ts";
import { child, type MapNode, type Node, scalarText } from "../schema/node.ts";
import { emptyMap } from "../config/config.ts";
import { type PlannedPipeline, planPipeline } from "./pipeline.ts";
import type { PlanOptions } from "./plan.ts";
import type { Problems } from "./problems.ts";
import { WorkflowError } from "../error/error.ts";

/** A pipeline written at a route, and the handler it belongs to. */
export interface PlannedRoutePipeline extends PlannedPipeline {
  readonly handler: string;
  /** `"<METHOD> <path>"`. */
  readonly key: string;
}

/** Finds the pipelines of routes in every section of `workflows` that has routes. */
export function planRoutePipelines(config: Config, options: PlanOptions, problems: Problems): PlannedRoutePipeline[] {
  const found: PlannedRoutePipeline[] = [];
  for (const [section, { value }] of config.workflows.entries) {
    const routes = child(value, "routes");
    if (routes?.kind !== "list") continue;
    for (const [index, route] of routes.items.entries()) {
      const planned = planRoute(route, `workflows.${section}.routes[${index}]`, { config, options, problems });
      if (planned !== undefined) found.push(planned);
    }
  }
  return found;
}

function planRoute(
  route: Node,
  path: string,
  around: { readonly config: Config; readonly options: PlanOptions; readonly problems: Problems },
): PlannedRoutePipeline | undefined {
  const handler = scalarText(child(route, "handler"));
  const written = pipelineOf(route);
  if (handler === undefined || written === undefined) return undefined;
  const routePath = scalarText(child(route, "path")) ?? "/";
  const method = (scalarText(child(route, "method")) ?? "").toUpperCase();
  const name = `${handler}:${routePath.split("/").findLast((segment) => segment !== "") ?? ""}`;
  const draft = { name, at: route.at, path, prefix: `route pipeline "${name}": ` };
  const complete = {
    ...written,
    entries: new Map(
      [...written.entries].map(([key, entry]) =>
        key === "steps" ? [key, { ...entry, value: withoutUnnamed(entry.value, path, around.problems) }] : [key, entry],
      ),
    ),
  };
  return { ...planPipeline(draft, complete, around), handler, key: `${method} ${routePath}` };
}

/** `route.pipeline.steps`, or `route.steps` when there is no `pipeline` map. */
function pipelineOf(route: Node): MapNode | undefined {
  const pipeline = child(route, "pipeline");
  if (pipeline?.kind === "map") return hasSteps(pipeline) ? pipeline : undefined;
  const steps = child(route, "steps");
  if (steps?.kind !== "list" || steps.items.length === 0) return undefined;
  return { ...emptyMap(route.at), entries: new Map([["steps", { keyAt: steps.at, value: steps }]]) };
}

function hasSteps(pipeline: MapNode): boolean {
  const steps = child(pipeline, "steps");
  return steps?.kind === "list" && steps.items.length > 0;
}

/** Entries without a name or type were always dropped here; ours says so. */
function withoutUnnamed(steps: Node, path: string, problems: Problems): Node {
  if (steps.kind !== "list") return steps;
  const items = steps.items.filter((step, index) => {
    if (step.kind !== "map") return true;
    const isComplete = scalarText(child(step, "name")) !== undefined && scalarText(child(step, "type")) !== undefined;
    if (!isComplete) {
      const text = `${path}: step ${index} has no name or no type and is left out`;
      problems.warn(new WorkflowError("config.required", text, { at: [step.at] }));
    }
    return isComplete;
  });
  return { ...steps, items };
}
