import { WorkflowError } from "../error/error.ts";
import type { PlannedModule } from "./module.ts";
import type { Problems } from "./problems.ts";
import type { ServiceTable } from "./service_table.ts";

/**
 * Sorts modules so that each starts after what it needs: `dependsOn` strictly, references unless they would close a
 * circle. Ties keep the order of the file.
 */
export function orderModules(
  modules: readonly PlannedModule[],
  table: ServiceTable,
  problems: Problems,
): PlannedModule[] {
  const needs = new Map<PlannedModule, Set<PlannedModule>>(modules.map((module) => [module, new Set()]));
  for (const module of modules) {
    for (const { name } of module.dependsOn) {
      const owner = table.owner(name);
      if (owner !== undefined) needs.get(module)?.add(owner);
    }
  }
  const circle = findCircle(modules, needs);
  if (circle !== undefined) {
    const names = circle.map((module) => module.name).join(" -> ");
    const at = circle.slice(0, 1).map((module) => module.dependsOn[0]?.at ?? module.at);
    problems.error(new WorkflowError("config.cycle", `circular dependency detected: ${names}`, { at }));
    return [...modules];
  }
  for (const module of modules) addReferences(module, table, needs, problems);
  return sort(modules, needs);
}

type Needs = ReadonlyMap<PlannedModule, Set<PlannedModule>>;

function addReferences(module: PlannedModule, table: ServiceTable, needs: Needs, problems: Problems): void {
  for (const { request, service, all } of module.refs) {
    for (const name of service === undefined ? all : [service]) {
      const owner = table.owner(name);
      if (owner === undefined || owner === module) continue;
      const path = findPath(owner, module, needs);
      if (path === undefined) {
        needs.get(module)?.add(owner);
      } else if (request.mode === "required") {
        const names = [module, ...path].map(({ name: step }) => step).join(" -> ");
        const text = `${request.path}: circular dependency detected: ${names}`;
        problems.error(new WorkflowError("config.cycle", text, { at: [request.at] }));
      }
    }
  }
}

function findPath(
  from: PlannedModule,
  to: PlannedModule,
  needs: Needs,
  seen = new Set<PlannedModule>(),
): PlannedModule[] | undefined {
  if (from === to) return [from];
  if (seen.has(from)) return undefined;
  seen.add(from);
  for (const next of needs.get(from) ?? []) {
    const rest = findPath(next, to, needs, seen);
    if (rest !== undefined) return [from, ...rest];
  }
  return undefined;
}

/** A circle as the modules along it, the first one repeated at the end. */
function findCircle(modules: readonly PlannedModule[], needs: Needs): readonly PlannedModule[] | undefined {
  const done = new Set<PlannedModule>();
  const trail: PlannedModule[] = [];
  const visit = (module: PlannedModule): readonly PlannedModule[] | undefined => {
    const start = trail.indexOf(module);
    if (start >= 0) return [...trail.slice(start), module];
    if (done.has(module)) return undefined;
    trail.push(module);
    for (const next of needs.get(module) ?? []) {
      const found = visit(next);
      if (found !== undefined) return found;
    }
    trail.pop();
    done.add(module);
    return undefined;
  };
  for (const module of modules) {
    const found = visit(module);
    if (found !== undefined) return found;
  }
  return undefined;
}

function sort(modules: readonly PlannedModule[], needs: Needs): PlannedModule[] {
  const sorted: PlannedModule[] = [];
  const done = new Set<PlannedModule>();
  const visit = (module: PlannedModule): void => {
    if (done.has(module)) return;
    done.add(module);
    const before = [...(needs.get(module) ?? [])].sort((a, b) => a.index - b.index);
    for (const dependency of before) visit(dependency);
    sorted.push(module);
  };
  for (const module of modules) visit(module);
  return sorted;
}
