import type { ModuleInstance } from "../define/definition.ts";
import type { RuntimeServices } from "../port/runtime.ts";
import { plainValue } from "../schema/node.ts";
import { Scope } from "../scope/scope.ts";
import type { PlannedModule } from "../plan/module.ts";
import type { ServiceTable } from "../plan/service_table.ts";
import type { InstanceSource, TakenInstance } from "../runtime/generation.ts";

interface SharedInstance {
  readonly instance: ModuleInstance;
  readonly scope: Scope;
  readonly started: Promise<void>;
  holders: number;
}

/**
 * Modules that move from one generation to the next with their state: those that declare `carry` and whose type,
 * settings and references have not changed. Ownership is a count of the generations that hold one.
 */
export class SharedInstances {
  readonly #live = new Map<string, SharedInstance>();

  /**
   * The instances for one new generation. Those that it takes over are kept alive until `release`, which is called once
   * the generation has started and holds them itself, or has failed to.
   */
  source(services: ServiceTable): InstanceSource & { release(): Promise<void> } {
    const fingerprints = new Map<string, string>();
    const reserved: string[] = [];
    return {
      take: (module, runtime) => {
        const fingerprint = fingerprintOf(module, services, fingerprints);
        if (fingerprint === undefined) return fresh(module, runtime);
        fingerprints.set(module.name, fingerprint);
        const shared = this.#live.get(fingerprint);
        if (shared !== undefined) {
          shared.holders++;
          reserved.push(fingerprint);
        }
        return this.#carry(module, runtime, fingerprint);
      },
      release: async () => {
        await Promise.all(reserved.splice(0).map((fingerprint) => this.#letGo(fingerprint)));
      },
    };
  }

  /** How many instances are alive; for tests and status. */
  get size(): number {
    return this.#live.size;
  }

  #carry(module: PlannedModule, runtime: RuntimeServices, fingerprint: string): TakenInstance {
    const instance = this.#live.get(fingerprint)?.instance ?? create(module, runtime);
    return {
      instance,
      start: (scope) => this.#hold(fingerprint, instance, scope),
      drain: async (deadline) => {
        if ((this.#live.get(fingerprint)?.holders ?? 0) <= 1) await instance.drain?.(deadline);
      },
    };
  }

  async #hold(fingerprint: string, instance: ModuleInstance, scope: Scope): Promise<void> {
    let shared = this.#live.get(fingerprint);
    if (shared === undefined) {
      const own = new Scope(fingerprint.slice(0, fingerprint.indexOf("\n")));
      shared = { instance, scope: own, started: Promise.resolve(instance.start?.(own)), holders: 0 };
      this.#live.set(fingerprint, shared);
    }
    shared.holders++;
    scope.defer("shared instance", () => this.#letGo(fingerprint));
    await shared.started;
  }

  async #letGo(fingerprint: string): Promise<void> {
    const shared = this.#live.get(fingerprint);
    if (shared === undefined) return;
    shared.holders--;
    if (shared.holders > 0) return;
    this.#live.delete(fingerprint);
    const [error] = await shared.scope.close();
    if (error !== undefined) throw error;
  }
}

function create(module: PlannedModule, runtime: RuntimeServices): ModuleInstance {
  const { name, type, at, definition, config } = module;
  return definition.create({ name, type, at, log: runtime.log.child({ module: name }), runtime }, config);
}

function fresh(module: PlannedModule, runtime: RuntimeServices): TakenInstance {
  const instance = create(module, runtime);
  return {
    instance,
    start: async (scope) => instance.start?.(scope.child(module.name)),
    drain: async (deadline) => instance.drain?.(deadline),
  };
}

/** Instances for a generation that is built only to be checked. */
export const throwawayInstances: InstanceSource = { take: fresh };

/** Undefined when the module is not carried: it does not ask for it, or it refers to a module that is not. */
function fingerprintOf(
  module: PlannedModule,
  services: ServiceTable,
  known: ReadonlyMap<string, string>,
): string | undefined {
  if (module.definition.carry !== "instance") return undefined;
  const used: string[] = [];
  for (const { service, all } of module.refs) {
    for (const name of service === undefined ? all : [service]) {
      const fingerprint = known.get(services.owner(name)?.name ?? name);
      if (fingerprint === undefined) return undefined;
      used.push(`${name} ${fingerprint}`);
    }
  }
  const files = Object.values(module.config).flatMap((value) => (isFileContent(value) ? [value.path, value.text] : []));
  const settings = module.node === undefined ? null : plainValue(module.node);
  return `${module.name}\n${JSON.stringify([module.type, settings, files, used])}`;
}

function isFileContent(value: unknown): value is { readonly path: string; readonly text: string } {
  return typeof value === "object" && value !== null && "text" in value && "path" in value && "at" in value;
}
