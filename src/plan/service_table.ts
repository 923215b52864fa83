import { type Position, WorkflowError } from "../error/error.ts";
import type { RefRequest } from "../schema/decode_context.ts";
import { nearHint, type PlannedModule } from "./module.ts";
import type { BoundRef } from "./plan.ts";
import type { Problems } from "./problems.ts";

/** The services a configuration defines, by name and by role. */
export class ServiceTable {
  readonly #owners = new Map<string, PlannedModule>();
  readonly #modules: readonly PlannedModule[];
  readonly #providers = new Map<string, readonly PlannedModule[]>();
  #positions: ReadonlyMap<string, Position> | undefined;

  constructor(modules: readonly PlannedModule[]) {
    this.#modules = modules;
    for (const module of modules) if (!this.#owners.has(module.name)) this.#owners.set(module.name, module);
    for (const module of modules) {
      for (const name of [module.definition.serviceName, ...module.serviceNames]) {
        if (name !== undefined && !this.#owners.has(name)) this.#owners.set(name, module);
      }
    }
  }

  /** The module behind a service name. */
  owner(name: string): PlannedModule | undefined {
    return this.#owners.get(name);
  }

  names(): readonly string[] {
    return [...this.#owners.keys()];
  }

  /** Modules that play a role, in file order. */
  providers(port: string): readonly PlannedModule[] {
    let found = this.#providers.get(port);
    if (found === undefined) {
      found = this.#modules.filter((module) => playsRole(module, port));
      this.#providers.set(port, found);
    }
    return found;
  }

  /** Where each name is defined, for hints. */
  positions(): ReadonlyMap<string, Position> {
    this.#positions ??= new Map([...this.#owners].map(([name, module]) => [name, module.nameAt]));
    return this.#positions;
  }
}

function playsRole(module: PlannedModule, port: string): boolean {
  return module.definition.provides?.some((provided) => provided.name === port) === true;
}

/** A part of the plan that holds references. */
export interface RefHolder {
  readonly requests: readonly RefRequest[];
  readonly refs: BoundRef[];
}

/** Finds the service of every reference. A dangling required one is an error, a dangling late one a warning. */
export function resolveRefs(holder: RefHolder, table: ServiceTable, problems: Problems, self?: PlannedModule): void {
  for (const request of holder.requests) holder.refs.push(resolveRef(request, table, problems, self));
}

function resolveRef(
  request: RefRequest,
  table: ServiceTable,
  problems: Problems,
  self: PlannedModule | undefined,
): BoundRef {
  if (request.mode === "all") {
    const providers = table.providers(request.port ?? "").filter((module) => module !== self);
    const chosen = request.fallback === "affinity" ? relatives(providers, table, self) : providers;
    return { request, service: undefined, all: chosen.map((module) => module.name) };
  }
  const service =
    request.name === undefined ? findByRole(request, table, self) : findByName(request, request.name, table, problems);
  if (service === undefined && request.name === undefined && request.mode === "required") {
    const text = `${request.path}: no ${withoutArticle(request.portTitle)} is defined`;
    problems.error(new WorkflowError("config.unknown_reference", text, { at: [request.at] }));
  }
  return { request, service, all: [] };
}

function withoutArticle(title: string | undefined): string {
  return (title ?? "service").replace(/^an? /, "");
}

function findByName(request: RefRequest, name: string, table: ServiceTable, problems: Problems): string | undefined {
  const owner = table.owner(name);
  const report = (problem: WorkflowError) =>
    request.mode === "required" ? problems.error(problem) : problems.warn(problem);
  if (owner === undefined) {
    const text = `${request.path}: service '${name}' is not defined`;
    const hint = nearHint(name, table.positions());
    report(new WorkflowError("config.unknown_reference", text, { at: [request.at], hint }));
    return undefined;
  }
  if (request.port !== undefined && !playsRole(owner, request.port) && owner.name === name) {
    const role = request.portTitle ?? "of the right kind";
    const text = `${request.path}: module '${name}' (type ${owner.type}) is not ${role}`;
    report(new WorkflowError("config.wrong_role", text, { at: [request.at] }));
    return undefined;
  }
  return name;
}

function findByRole(request: RefRequest, table: ServiceTable, self: PlannedModule | undefined): string | undefined {
  const { port, fallback } = request;
  if (port === undefined || fallback === undefined) return undefined;
  const providers = table.providers(port).filter((module) => module !== self);
  if (fallback === "affinity") return relatives(providers, table, self)[0]?.name;
  if (fallback !== "first") {
    for (const name of fallback) {
      const owner = table.owner(name);
      if (owner !== undefined && owner !== self && playsRole(owner, port)) return name;
    }
  }
  return providers[0]?.name;
}

/** The providers in the module's `dependsOn`; else those that depend on something in it; else all. */
function relatives(
  providers: readonly PlannedModule[],
  table: ServiceTable,
  self: PlannedModule | undefined,
): readonly PlannedModule[] {
  const named = new Set(self?.dependsOn.flatMap(({ name }) => table.owner(name) ?? []));
  const direct = [...named].filter((module) => providers.includes(module));
  if (direct.length > 0) return direct;
  const isNamed = (name: string | undefined): boolean => {
    const owner = name === undefined ? undefined : table.owner(name);
    return owner !== undefined && named.has(owner);
  };
  const sharing = providers.filter(
    ({ dependsOn, requests }) =>
      dependsOn.some(({ name }) => isNamed(name)) || requests.some(({ name }) => isNamed(name)),
  );
  return sharing.length > 0 ? sharing : providers;
}
