import type { TObject } from "typebox";
import type { Config } from "../config/config.ts";
import type { AnyModuleDefinition } from "../define/definition.ts";
import { type Position, WorkflowError } from "../error/error.ts";
import type { RefRequest } from "../schema/decode_context.ts";
import { decodeConfig } from "../schema/decode.ts";
import { nearestName } from "../schema/nearest.ts";
import { child, type MapNode, type Node, nodeOf, scalarText, typeName } from "../schema/node.ts";
import { type Findings, makeDecoder, pathSubject } from "./decoder.ts";
import type { BoundRef, PlanOptions } from "./plan.ts";
import type { Problems } from "./problems.ts";

/** A module as decoded. `refs` are bound to services when the generation is built. */
export interface PlannedModule {
  readonly name: string;
  readonly type: string;
  readonly at: Position;
  readonly nameAt: Position;
  readonly index: number;
  readonly definition: AnyModuleDefinition;
  readonly config: Record<string, unknown>;
  /** The settings as written, for carry-over and for showing. */
  readonly node: Node | undefined;
  readonly dependsOn: readonly Dependency[];
  readonly serviceNames: readonly string[];
  readonly requests: readonly RefRequest[];
  readonly refs: BoundRef[];
}

/** A name in `dependsOn` and where it stands. */
export interface Dependency {
  readonly name: string;
  readonly at: Position;
}

/** Decodes every module and checks the rules of names, types and dependencies. */
export function planModules(config: Config, options: PlanOptions, problems: Problems): PlannedModule[] {
  const modules: PlannedModule[] = [];
  const dependents: Dependent[] = [];
  const first = new Map<string, number>();
  let address = options.address;
  for (const [index, node] of config.modules.entries()) {
    const path = `modules[${index}]`;
    if (node.kind !== "map") {
      problems.error(
        new WorkflowError("config.shape", `${path}: must be a map, got ${typeName(node)}`, { at: [node.at] }),
      );
      continue;
    }
    const name = checkName(node, path, index, first, problems);
    const definition = findDefinition(node, path, options, problems);
    const dependsOn = readDependencies(node, path, problems);
    dependents.push({ name: name ?? "", dependsOn });
    if (name === undefined || definition === undefined) continue;
    const isAddressed = address !== undefined && definition.type === "http.server";
    const own = withSection(child(node, "config"), definition.section, config, problems);
    const settings = isAddressed ? withAddress(own, address ?? "", node.at) : own;
    if (isAddressed) address = undefined;
    modules.push(decodeModule({ node, name, definition, dependsOn, settings, index, path }, config, options, problems));
  }
  checkDependencies(dependents, modules, config, problems);
  return modules;
}

/** A module as far as its dependencies go, whether or not the rest of it is sound. */
interface Dependent {
  readonly name: string;
  readonly dependsOn: readonly Dependency[];
}

interface Draft {
  readonly node: MapNode;
  readonly name: string;
  readonly definition: AnyModuleDefinition;
  readonly dependsOn: readonly Dependency[];
  readonly settings: Node | undefined;
  readonly index: number;
  readonly path: string;
}

function decodeModule(draft: Draft, config: Config, options: PlanOptions, problems: Problems): PlannedModule {
  const findings: Findings = { refs: [], templates: [] };
  const context = makeDecoder({ config, plan: options, problems, subject: pathSubject }, findings);
  const where = { path: `${draft.path}.config`, at: draft.node.at };
  const before = problems.errors.length;
  const decoded = decodeConfig<TObject>(draft.definition.config, draft.settings, where, context);
  const isSound = problems.errors.length === before;
  warnAboutUnknownKeys(draft.node, draft.path, problems);
  return {
    name: draft.name,
    type: draft.definition.type,
    at: draft.node.at,
    nameAt: child(draft.node, "name")?.at ?? draft.node.at,
    index: draft.index,
    definition: draft.definition,
    config: decoded,
    node: draft.settings,
    dependsOn: draft.dependsOn,
    serviceNames: isSound ? (draft.definition.serviceNames?.(draft.name, decoded) ?? []) : [],
    requests: findings.refs,
    refs: [],
  };
}

const moduleKeys = new Set(["name", "type", "config", "dependsOn", "branches", "ui", "description"]);

function warnAboutUnknownKeys(node: MapNode, path: string, problems: Problems): void {
  for (const [key, entry] of node.entries) {
    if (moduleKeys.has(key)) continue;
    const text = `${path}.${key}: "${key}" is not known here and has no effect`;
    problems.warn(
      new WorkflowError("config.unknown_key", text, { at: [entry.keyAt], hint: "settings belong under `config`" }),
    );
  }
}

function checkName(
  node: MapNode,
  path: string,
  index: number,
  first: Map<string, number>,
  problems: Problems,
): string | undefined {
  const nameNode = child(node, "name");
  const name = scalarText(nameNode);
  if (name === undefined || name === "") {
    problems.error(new WorkflowError("config.required", `${path}.name: module name is required`, { at: [node.at] }));
    return undefined;
  }
  const before = first.get(name);
  if (before === undefined) {
    first.set(name, index);
  } else if (scalarText(child(node, "type"))?.startsWith("step.") !== true) {
    const text = `${path}.name: duplicate module name "${name}" (first defined at modules[${before}])`;
    problems.error(new WorkflowError("config.duplicate_name", text, { at: [nameNode?.at ?? node.at] }));
    return undefined;
  }
  return name;
}

function findDefinition(
  node: MapNode,
  path: string,
  { registry }: PlanOptions,
  problems: Problems,
): AnyModuleDefinition | undefined {
  const typeNode = child(node, "type");
  const type = scalarText(typeNode);
  const at = [typeNode?.at ?? node.at];
  if (type === undefined || type === "") {
    problems.error(new WorkflowError("config.required", `${path}.type: module type is required`, { at }));
    return undefined;
  }
  const definition = registry.module(type);
  if (definition !== undefined) return definition;
  const refused = registry.unavailable.get(type);
  if (refused !== undefined) {
    const text = `${path}.type: module type "${type}" is not available: ${refused.reason}`;
    problems.error(new WorkflowError("config.unavailable_type", text, { at }));
    return undefined;
  }
  const near = registry.nearest("module", type);
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  problems.error(new WorkflowError("config.unknown_type", `${path}.type: unknown module type "${type}"`, { at, hint }));
  return undefined;
}

function readDependencies(node: MapNode, path: string, problems: Problems): readonly Dependency[] {
  const list = child(node, "dependsOn");
  if (list === undefined || (list.kind === "scalar" && list.value === null)) return [];
  if (list.kind !== "list") {
    const text = `${path}.dependsOn: must be a list of module names, got ${typeName(list)}`;
    problems.error(new WorkflowError("config.shape", text, { at: [list.at] }));
    return [];
  }
  return list.items.flatMap((item, index) => {
    const name = scalarText(item);
    if (name !== undefined && name !== "") return [{ name, at: item.at }];
    const text = `${path}.dependsOn[${index}]: dependency name must not be empty`;
    problems.error(new WorkflowError("config.required", text, { at: [item.at] }));
    return [];
  });
}

function checkDependencies(
  dependents: readonly Dependent[],
  modules: readonly PlannedModule[],
  config: Config,
  problems: Problems,
): void {
  // A module that could not be decoded still counts as defined: one mistake is reported once.
  const names = new Map<string, Position>();
  for (const node of config.modules) {
    const name = scalarText(child(node, "name"));
    if (name !== undefined) names.set(name, child(node, "name")?.at ?? node.at);
  }
  for (const module of modules) {
    for (const service of [module.definition.serviceName, ...module.serviceNames])
      if (service !== undefined) names.set(service, module.nameAt);
  }
  for (const module of dependents) {
    for (const { name, at } of module.dependsOn) {
      if (names.has(name)) continue;
      const others = new Map([...names].filter(([other]) => other !== module.name));
      const text = `module '${module.name}' depends on '${name}' which is not defined`;
      problems.error(new WorkflowError("config.unknown_dependency", text, { at: [at], hint: nearHint(name, others) }));
    }
  }
}

/** `did you mean 'httpRouter' (line 6)?` for the defined name that is nearest. */
export function nearHint(name: string, names: ReadonlyMap<string, Position>): string | undefined {
  // One letter in two is a different name, not a slip.
  const near = name.length < 3 ? undefined : nearestName(name, names.keys());
  return near === undefined ? undefined : `did you mean '${near}' (line ${names.get(near)?.line ?? 0})?`;
}

/** The settings with those of a top-level section below them: a key that the module sets itself wins. */
function withSection(
  settings: Node | undefined,
  section: string | undefined,
  { extra }: Config,
  problems: Problems,
): Node | undefined {
  const shared = section === undefined ? undefined : extra.get(section);
  if (shared === undefined || (shared.kind === "scalar" && shared.value === null)) return settings;
  if (shared.kind !== "map") {
    const text = `${section}: must be a map, got ${typeName(shared)}`;
    problems.error(new WorkflowError("config.shape", text, { at: [shared.at] }));
    return settings;
  }
  if (settings === undefined || (settings.kind === "scalar" && settings.value === null)) return shared;
  if (settings.kind !== "map") return settings;
  return { ...settings, entries: new Map([...shared.entries, ...settings.entries]) };
}

function withAddress(settings: Node | undefined, address: string, at: Position): Node {
  const node = settings?.kind === "map" ? settings : { kind: "map" as const, at, entries: new Map() };
  const entries = new Map(node.entries);
  entries.set("address", { keyAt: at, value: nodeOf(address, at) });
  return { ...node, entries };
}
