import type { Config } from "../config/config.ts";
import type { Registry } from "../define/registry.ts";
import { type Position, WorkflowError } from "../error/error.ts";
import { nearestName } from "../schema/nearest.ts";
import { child, type Node, scalarText, typeName } from "../schema/node.ts";
import type { Problems } from "./problems.ts";

/** Checks `requires`: capabilities that some plugin must have, and plugins with a version constraint. */
export function checkRequirements(config: Config, registry: Registry, problems: Problems): void {
  const { requires } = config;
  if (requires === undefined || !isMap(requires, problems)) return;
  const plugins = registry.families.map((family) => family.plugin);
  const known = new Set(plugins.flatMap((plugin) => plugin.capabilities));
  const capabilities = itemsOf("capabilities", requires, problems);
  const missing = capabilities.filter((node) => !known.has(nameOf(node)));
  const [firstMissing] = missing;
  if (firstMissing !== undefined) {
    fail(problems, `unsatisfied capabilities: ${missing.map(nameOf).join(", ")}`, firstMissing.at);
  }
  for (const node of itemsOf("plugins", requires, problems)) {
    const name = nameOf(node);
    const plugin = plugins.find((candidate) => candidate.name === name || candidate.aliases?.includes(name) === true);
    if (plugin === undefined) {
      fail(problems, `required plugin "${name}" is not loaded`, node.at);
      continue;
    }
    const constraint = scalarText(child(node, "version")) ?? "";
    const verdict = satisfies(plugin.version, constraint);
    if (verdict === undefined)
      fail(problems, `plugin "${name}" version check error: invalid constraint "${constraint}"`, node.at);
    else if (!verdict)
      fail(problems, `plugin "${name}" version ${plugin.version} does not satisfy constraint "${constraint}"`, node.at);
  }
}

const keys = ["capabilities", "plugins"];

function isMap(node: Node, problems: Problems): boolean {
  if (node.kind !== "map") {
    const text = `requires: must be a map, got ${typeName(node)}`;
    problems.error(new WorkflowError("config.shape", text, { at: [node.at] }));
    return false;
  }
  for (const [key, { keyAt }] of node.entries) {
    if (keys.includes(key)) continue;
    const near = nearestName(key, keys);
    const hint = near === undefined ? undefined : `did you mean "${near}"?`;
    const text = `requires.${key}: "${key}" is not known here and has no effect`;
    problems.warn(new WorkflowError("config.unknown_key", text, { at: [keyAt], hint }));
  }
  return true;
}

function itemsOf(key: string, requires: Node, problems: Problems): readonly Node[] {
  const node = child(requires, key);
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return [];
  if (node.kind === "list") return node.items;
  const text = `requires.${key}: must be a list, got ${typeName(node)}`;
  problems.error(new WorkflowError("config.shape", text, { at: [node.at] }));
  return [];
}

function nameOf(node: Node): string {
  return scalarText(node) ?? scalarText(child(node, "name")) ?? "";
}

function fail(problems: Problems, text: string, at: Position): void {
  problems.error(new WorkflowError("config.requirement", `requirements check failed: ${text}`, { at: [at] }));
}

type Version = readonly [number, number, number];

function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(text.trim());
  return match === null ? undefined : [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/**
 * Whether a version meets a constraint: `>=`, `<=`, `>`, `<`, `=`, `!=`, `^` (same major), `~` (same major and minor);
 * without an operator it must be equal. Undefined when the constraint cannot be read; an empty one is always met.
 */
export function satisfies(version: string, constraint: string): boolean | undefined {
  if (constraint.trim() === "") return true;
  const match = /^(>=|<=|!=|>|<|=|\^|~)?\s*(.+)$/.exec(constraint.trim());
  const have = parseVersion(version);
  const want = parseVersion(match?.[2] ?? "");
  if (have === undefined || want === undefined) return undefined;
  const order = compare(have, want);
  switch (match?.[1]) {
    case ">=":
      return order >= 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case "<":
      return order < 0;
    case "!=":
      return order !== 0;
    case "^":
      return order >= 0 && have[0] === want[0];
    case "~":
      return order >= 0 && have[0] === want[0] && have[1] === want[1];
    default:
      return order === 0;
  }
}
