import type { Config } from "../config/config.ts";
import { WorkflowError } from "../error/error.ts";
import { child } from "../schema/node.ts";
import type { PlannedModule } from "./module.ts";
import type { Problems } from "./problems.ts";

const enteringTypes = new Set(["http.server", "scheduler.modular", "messaging.broker"]);

/** Warns about a configuration that nothing outside can reach, and about one without modules. */
export function checkEntryPoints(config: Config, modules: readonly PlannedModule[], problems: Problems): void {
  const isEmpty = config.files.every((file) => file.text.trim() === "");
  if (isEmpty) return;
  if (config.modules.length === 0) {
    problems.warn(
      new WorkflowError("config.no_entry_point", "modules: at least one module is required", { at: [config.root] }),
    );
  }
  const sections = [...config.workflows.entries.values()].map((entry) => entry.value);
  const hasWork = sections.some((section) =>
    ["routes", "subscriptions", "jobs"].some((key) => {
      const list = child(section, key);
      return list?.kind === "list" && list.items.length > 0;
    }),
  );
  const isReachable =
    hasWork ||
    config.triggers.entries.size > 0 ||
    config.pipelines.entries.size > 0 ||
    modules.some((module) => enteringTypes.has(module.type));
  if (isReachable || config.modules.length === 0) return;
  const text =
    "config has no entry points (no triggers, HTTP routes, messaging subscriptions, scheduler jobs, or pipelines); " +
    "add entry points or set allow_no_entry_points for embeddable sub-workflows";
  problems.warn(new WorkflowError("config.no_entry_point", text, { at: [config.root] }));
}
