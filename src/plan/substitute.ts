import type { TObject } from "typebox";
import type { Config } from "../config/config.ts";
import type { SubstituteValue } from "../define/definition.ts";
import { asWorkflowError, placed } from "../error/error.ts";
import { decodeConfig } from "../schema/decode.ts";
import { child, type MapEntry, type MapNode, type Node, scalarText, type ScalarNode } from "../schema/node.ts";
import configFunction from "../template/function/config.ts";
import { type Findings, makeDecoder, pathSubject } from "./decoder.ts";
import type { PlanOptions } from "./plan.ts";
import { Problems } from "./problems.ts";

/** The configuration with its values in place, and the options that let templates find them too. */
export interface Substituted {
  readonly config: Config;
  readonly options: PlanOptions;
}

type Values = ReadonlyMap<string, SubstituteValue>;

/**
 * Replaces `{{config "key"}}` in the settings of other modules, in workflows, triggers, pipelines and platform by the
 * values of the modules that have some, before anything else is decoded. Keys that nobody knows stay as they are.
 */
export function substituteValues(config: Config, options: PlanOptions, problems: Problems): Substituted {
  const values = new Map<string, SubstituteValue>();
  const providers = new Set<Node>();
  for (const [index, node] of config.modules.entries()) {
    const provided = valuesOf(node, `modules[${index}]`, config, options, problems);
    if (provided === undefined) continue;
    providers.add(node);
    for (const [key, value] of provided) values.set(key, value);
  }
  if (values.size === 0) return { config, options };
  const substituted = {
    ...config,
    modules: config.modules.map((node) => (providers.has(node) ? node : replaceSettings(node, values))),
    workflows: replaceInMap(config.workflows, values),
    triggers: replaceInMap(config.triggers, values),
    pipelines: replaceInMap(config.pipelines, values),
    platform: config.platform === undefined ? undefined : replaceInNode(config.platform, values),
  };
  const call = ([key]: readonly unknown[]) => values.get(String(key))?.text ?? "";
  const templates = { functions: { config: { ...configFunction, call } } };
  return { config: substituted, options: { ...options, templates } };
}

/** The values of a module, or undefined when it is of a type that has none. */
function valuesOf(
  node: Node,
  path: string,
  config: Config,
  options: PlanOptions,
  problems: Problems,
): Values | undefined {
  const definition = options.registry.module(scalarText(child(node, "type")) ?? "");
  if (definition?.substitute === undefined) return undefined;
  // Decoded for itself: what is wrong with the settings is reported when all modules are decoded.
  const own = new Problems();
  const findings: Findings = { refs: [], templates: [] };
  const context = makeDecoder({ config, plan: options, problems: own, subject: pathSubject }, findings);
  const where = { path: `${path}.config`, at: node.at };
  const decoded = decodeConfig<TObject>(definition.config, child(node, "config"), where, context);
  if (own.errors.length > 0) return new Map();
  try {
    return definition.substitute(scalarText(child(node, "name")) ?? "", decoded, options.environment);
  } catch (error) {
    problems.error(placed(asWorkflowError(error, "config.value"), node.at));
    return new Map();
  }
}

/** Name, type and dependencies of a module are not settings. */
function replaceSettings(module: Node, values: Values): Node {
  const entry = module.kind === "map" ? module.entries.get("config") : undefined;
  if (module.kind !== "map" || entry === undefined) return module;
  const entries = new Map(module.entries).set("config", { ...entry, value: replaceInNode(entry.value, values) });
  return { ...module, entries };
}

function replaceInNode(node: Node, values: Values): Node {
  switch (node.kind) {
    case "scalar":
      return replaceInScalar(node, values);
    case "list":
      return { ...node, items: node.items.map((item) => replaceInNode(item, values)) };
    case "map":
      return replaceInMap(node, values);
  }
}

function replaceInMap(node: MapNode, values: Values): MapNode {
  const replace = ([key, entry]: [string, MapEntry]): [string, MapEntry] => [
    key,
    { ...entry, value: replaceInNode(entry.value, values) },
  ];
  return { ...node, entries: new Map([...node.entries].map(replace)) };
}

const pattern = /\{\{\s*config\s+(?:"([^"]*)"|'([^']*)')\s*\}\}/g;

function replaceInScalar(node: ScalarNode, values: Values): ScalarNode {
  const { value: text } = node;
  if (typeof text !== "string" || !text.includes("{{")) return node;
  let isSensitive = false;
  const replaced = text.replaceAll(pattern, (whole, double: string | undefined, single: string | undefined) => {
    const value = values.get(double ?? single ?? "");
    isSensitive ||= value?.isSensitive === true;
    return value?.text ?? whole;
  });
  if (replaced === text) return node;
  // Messages and answers show a sensitive value as it is written in the file.
  return isSensitive ? { ...node, value: replaced, unexpanded: node.unexpanded ?? text } : { ...node, value: replaced };
}
