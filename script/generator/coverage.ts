import { makeRegistry } from "../../src/plugin/index.ts";
import { type CoverageItem, type CoverageKind, type CoverageList, readCoverageList } from "./coverage_list.ts";
import type { Generator } from "./generator.ts";
import { type Inventory, isDone, takeInventory } from "./inventory.ts";
import { code, page, table, wrap } from "./page.ts";

/** `docs/coverage.md`: what of the dialect is done, planned and refused. */
export const coverage: Generator = { path: "docs/coverage.md", make };

const titles: readonly (readonly [CoverageKind, string])[] = [
  ["module", "Module types"],
  ["alias", "Other names of module types"],
  ["step", "Step types"],
  ["trigger", "Triggers"],
  ["workflow", "Workflow sections"],
  ["function", "Template functions"],
  ["secret", "Sources of ${…} values"],
  ["flag", "Flags"],
  ["command", "Commands"],
  ["endpoint", "Endpoints of the management port"],
  ["feature", "Features"],
];

async function make(): Promise<string> {
  const list = await readCoverageList();
  const inventory = await takeInventory();
  const head =
    "What the configuration dialect, the server and its admin UI consist of. A name is done when the program has it; " +
    "a feature is done when the test that proves it exists. What is not done yet carries the milestone that brings " +
    "it. The list is `docs/coverage.yaml`; the status is computed.";
  const sections = titles.map(([kind, title]) => section(kind, title, list, inventory));
  return page("Coverage", [wrap(head), milestones(list, inventory), ...sections, refusedTypes()]);
}

function milestones({ milestones: all, items }: CoverageList, inventory: Inventory): string {
  const rows = all.map(([number, title]) => {
    const own = items.filter(({ milestone }) => milestone === number);
    const done = own.filter((item) => isDone(item, inventory)).length;
    return [String(number), title, `${done} of ${own.length}`];
  });
  return `## Milestones\n\n${table(["Milestone", "What it brings", "Done"], rows)}`;
}

function section(kind: CoverageKind, title: string, { items, milestones: all }: CoverageList, inventory: Inventory) {
  const own = items.filter((item) => item.kind === kind);
  const wanted = own.filter(({ refused }) => refused === undefined);
  const done = wanted.filter((item) => isDone(item, inventory));
  const parts = [`## ${title}`, `${done.length} of ${wanted.length} are done.`];
  if (done.length > 0) parts.push(namesOf("Done", done, kind));
  for (const [number, name] of all) {
    const planned = wanted.filter((item) => item.milestone === number && !done.includes(item));
    if (planned.length > 0) parts.push(namesOf(`Planned for milestone ${number} (${name})`, planned, kind));
  }
  const reasons = new Set(own.map(({ refused }) => refused).filter((reason) => reason !== undefined));
  for (const reason of reasons) {
    const refused = own.filter((item) => item.refused === reason);
    parts.push(namesOf(`Left out (${reason})`, refused, kind));
  }
  return parts.join("\n\n");
}

function namesOf(title: string, items: readonly CoverageItem[], kind: CoverageKind): string {
  if (kind === "feature" || kind === "endpoint") {
    const lines = items.map(({ name, proof }) => {
      if (kind === "endpoint") return `- ${code(name)}`;
      return wrap(`${name}${proof === undefined ? "" : ` (${code(proof)})`}`, "- ");
    });
    return `${wrap(`${title}:`)}\n\n${lines.join("\n")}`;
  }
  const prefix = kind === "flag" ? "-" : "";
  return wrap(`${title}: ${items.map(({ name }) => code(prefix + name)).join(", ")}.`);
}

/** Types that configurations of the dialect name and that this program refuses, by what to use instead. */
function refusedTypes(): string {
  const refused = [...makeRegistry().unavailable.values()];
  const reasons = [...new Set(refused.map(({ reason }) => reason))];
  const parts = reasons.map((reason) => {
    const types = refused.filter((entry) => entry.reason === reason).map(({ type }) => code(type));
    return wrap(`${types.join(", ")}: ${reason}.`, "- ");
  });
  const head = "These types are known, and a configuration that uses one is refused with the sentence beside it.";
  return `## Refused types\n\n${wrap(head)}\n\n${parts.join("\n")}`;
}
