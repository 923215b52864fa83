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
    const [first, second] = circle;
    const names = circle.map((module) => module.name).join(" -> ");
    const edge = first?.dependsOn.find(({ name }) => table.owner(name) === second);
    const at = [edge?.at ?? first?.at].filter((place) => place !== undefined);
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
      } else if (request.mode === "optional" && request.name !== undefined) {
        const names = [module, ...path].map(({ name: step }) => step).join(" -> ");
        const text = `${request.path}: '${name}' is not used, since it would close a circle: ${names}`;
        problems.warn(new WorkflowError("config.cycle", text, { at: [request.at] }));
      }
    }
  }
}

/** The way from one module to another along what they need, both included. A stack of its own lets chains be long. */
function findPath(from: PlannedModule, to: PlannedModule, needs: Needs): readonly PlannedModule[] | undefined {
  const cameFrom = new Map<PlannedModule, PlannedModule | undefined>([[from, undefined]]);
  const pending = [from];
  for (let module = pending.pop(); module !== undefined; module = pending.pop()) {
    if (module === to) return trailTo(module, cameFrom);
    for (const next of needs.get(module) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, module);
      pending.push(next);
    }
  }
  return undefined;
}

function trailTo(
  end: PlannedModule,
  cameFrom: ReadonlyMap<PlannedModule, PlannedModule | undefined>,
): readonly PlannedModule[] {
  const trail: PlannedModule[] = [];
  for (let module: PlannedModule | undefined = end; module !== undefined; module = cameFrom.get(module)) {
    trail.push(module);
  }
  return trail.reverse();
}

interface Visit {
  readonly module: PlannedModule;
  readonly rest: Iterator<PlannedModule>;
}

/**
 * Goes depth first through what the modules need, in file order, and calls `leave` once everything a module needs was
 * left. Gives the first circle as the modules along it, the first one repeated at the end.
 */
function walk(
  modules: readonly PlannedModule[],
  needs: Needs,
  leave: (module: PlannedModule) => void,
): readonly PlannedModule[] | undefined {
  const done = new Set<PlannedModule>();
  const trail: Visit[] = [];
  const onTrail = new Set<PlannedModule>();
  const enter = (module: PlannedModule) => {
    const before = [...(needs.get(module) ?? [])].sort((a, b) => a.index - b.index);
    trail.push({ module, rest: before.values() });
    onTrail.add(module);
  };
  for (const root of modules) {
    if (!done.has(root)) enter(root);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const next = top.rest.next();
      if (next.done === true) {
        trail.pop();
        onTrail.delete(top.module);
        done.add(top.module);
        leave(top.module);
      } else if (onTrail.has(next.value)) {
        const names = trail.map(({ module }) => module);
        return [...names.slice(names.indexOf(next.value)), next.value];
      } else if (!done.has(next.value)) {
        enter(next.value);
      }
    }
  }
  return undefined;
}

function findCircle(modules: readonly PlannedModule[], needs: Needs): readonly PlannedModule[] | undefined {
  return walk(modules, needs, () => {});
}

function sort(modules: readonly PlannedModule[], needs: Needs): PlannedModule[] {
  const sorted: PlannedModule[] = [];
  walk(modules, needs, (module) => void sorted.push(module));
  return sorted;
}
