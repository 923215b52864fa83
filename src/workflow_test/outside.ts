import type { AnyStepDefinition } from "../define/definition.ts";
import { isPlainMap } from "../json/map.ts";
import type { PlannedModule } from "../plan/module.ts";
import { ArtifactStore } from "../port/artifact_store.ts";
import { FileStore } from "../port/file_store.ts";
import { HttpHandler } from "../port/http.ts";
import { Database } from "../port/service.ts";
import { WebhookSender } from "../port/webhook.ts";
import type { Generation } from "../runtime/generation.ts";

type StepConfig = Parameters<AnyStepDefinition["build"]>[1];

/** Whether a step changes something that is not in this process; a test must not do that unless it says so. */
export function reachesOutside(definition: AnyStepDefinition, config: StepConfig, generation: Generation): boolean {
  const { effect } = definition;
  const actual = typeof effect === "function" ? effect(config) : effect;
  if (actual !== "write") return false;
  const modules = modulesIn(config, generation, 0);
  if (modules.length > 0) return modules.some(isOutside);
  // The steps of called pipelines are looked at when they run. Without a broker, messages go to the event bus.
  return definition.calls === undefined && definition.category !== "messaging";
}

/** Roles whose modules work on files or on other machines, although they keep something in memory, too. */
const outsideRoles: ReadonlySet<string> = new Set([ArtifactStore.name, FileStore.name, WebhookSender.name]);

/** In-memory state moves from one generation to the next, which is how the modules that hold some are known. */
function isOutside({ definition, config }: PlannedModule): boolean {
  const roles = (definition.provides ?? []).map((port) => port.name);
  if (roles.includes(Database.name)) return !isInMemory(config);
  if (roles.some((role) => outsideRoles.has(role))) return true;
  if (roles.includes(HttpHandler.name)) return definition.type.includes("proxy");
  // What has no settings cannot name another machine.
  return definition.carry !== "instance" && Object.keys(definition.config.properties).length > 0;
}

function isInMemory(config: Readonly<Record<string, unknown>>): boolean {
  return [config.dsn, config.dbPath].some((name) => typeof name === "string" && name.includes(":memory:"));
}

const settingsDepthMax = 5;

/** The modules that the settings of a step refer to. */
function modulesIn(value: unknown, generation: Generation, depth: number): readonly PlannedModule[] {
  if (typeof value !== "object" || value === null || depth > settingsDepthMax) return [];
  const name = generation.serviceNames().find((candidate) => generation.service(candidate) === value);
  const owner = name === undefined ? undefined : generation.plan.services.owner(name);
  if (owner !== undefined) return [owner];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => modulesIn(item, generation, depth + 1));
  if (isPlainMap(value)) return Object.values(value).flatMap((item) => modulesIn(item, generation, depth + 1));
  return modulesIn(serviceOfLate(value), generation, depth + 1);
}

/** A reference that is looked up when it is used gives its service by `find`. */
function serviceOfLate(value: object): unknown {
  if (!("find" in value) || typeof value.find !== "function" || !("get" in value)) return undefined;
  const found: unknown = value.find();
  return found;
}
