import type {
  AnyModuleDefinition,
  AnySecretProviderDefinition,
  AnyStepDefinition,
  AnyTriggerDefinition,
  AnyWorkflowDefinition,
} from "../../src/define/definition.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import { fieldSchema } from "../../src/schema/field.ts";
import type { TemplateFunction } from "../../src/template/define_function.ts";
import { templateFunctions } from "../../src/template/functions.ts";
import type { Generator } from "./generator.ts";
import { code, page, wrap } from "./page.ts";
import { settingsList } from "./settings.ts";

const registry = makeRegistry();

const effects = {
  pure: "changes nothing outside the run",
  read: "reads something outside the run and changes nothing there",
  write: "changes something outside the run",
  nested: "that of the steps inside it",
};

/** A page of the reference and its line in the index. */
interface ReferencePage {
  readonly kind: string;
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly text: string;
}

const pages: readonly ReferencePage[] = [
  ...registry.modules.map(modulePage),
  ...registry.steps.map(stepPage),
  ...registry.triggers.map(triggerPage),
  ...registry.workflows.map(workflowPage),
  ...templateFunctions.map(functionPage),
  ...registry.secretProviders.map(secretPage),
];

/** `docs/reference`: a page for each component, and an index. */
export const reference: readonly Generator[] = [
  { path: "docs/reference/README.md", make: async () => index() },
  ...pages.map(({ kind, name, text }) => ({ path: `docs/reference/${kind}/${name}.md`, make: async () => text })),
];

const kinds: readonly (readonly [kind: string, title: string, about: string])[] = [
  ["module", "Modules", "Components that exist once, by name; they stand in `modules`."],
  ["step", "Steps", "What pipelines consist of; they stand in `steps` of a pipeline."],
  ["trigger", "Triggers", "What starts pipelines; they stand in `triggers`, or in `trigger` of a pipeline."],
  ["workflow", "Workflow sections", "How modules work together; they stand in `workflows`."],
  ["function", "Template functions", "What templates can call."],
  ["secret", "Sources of ${…} values", "Where the values of `${scheme:key}` references come from."],
];

function index(): string {
  const sections = kinds.map(([kind, title, about]) => {
    const ofKind = pages.filter((entry) => entry.kind === kind);
    const groups = [...new Set(ofKind.map(({ group }) => group))].sort();
    const lists = groups.map((group) => {
      const lines = ofKind
        .filter((entry) => entry.group === group)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, summary }) => wrap(`[${name}](${kind}/${name}.md): ${summary}`, "- "));
      return group === "" ? lines.join("\n") : `### ${group}\n\n${lines.join("\n")}`;
    });
    return [`## ${title}`, about, ...lists].join("\n\n");
  });
  const head = wrap("Everything that a configuration can name. Each page is made from the component itself.");
  return page("Reference", [head, ...sections]);
}

function modulePage(module: AnyModuleDefinition): ReferencePage {
  const { type, summary, category, aliases, provides, serviceName, carry, config } = module;
  const roles = (provides ?? []).map(({ title }) => title);
  return {
    kind: "module",
    name: type,
    group: category,
    summary,
    text: page(type, [
      wrap(summary),
      facts([
        ["Kind", `module of the group ${category}`],
        ["Other names", names(aliases)],
        ["Can be used as", roles.length === 0 ? undefined : roles.join(", ")],
        ["Also found as", serviceName === undefined ? undefined : `service ${code(serviceName)}`],
        ["At a reload", carry === undefined ? undefined : "keeps its state when its settings have not changed"],
        ["Top-level settings", module.section === undefined ? undefined : `also read from ${code(module.section)}`],
      ]),
      `## Settings\n\n${settingsList(fieldSchema(config))}`,
    ]),
  };
}

function stepPage(step: AnyStepDefinition): ReferencePage {
  const { type, summary, category, aliases, effect, endsRun, routesTo, config } = step;
  return {
    kind: "step",
    name: type,
    group: category,
    summary,
    text: page(type, [
      wrap(summary),
      facts([
        ["Kind", `step of the group ${category}`],
        ["Other names", names(aliases)],
        ["Effect", typeof effect === "function" ? "depends on the settings" : effects[effect]],
        ["Routes", routesTo === undefined ? undefined : "chooses the step that comes next"],
        ["Ends the run", endsRun === true ? "yes; steps after it run only when they are jumped to" : undefined],
        ["Output", outputText(step)],
      ]),
      `## Settings\n\n${settingsList(fieldSchema(config))}`,
    ]),
  };
}

function outputText({ output }: AnyStepDefinition): string {
  if (typeof output === "function") return "its keys depend on the settings";
  const keys = Object.keys(output.properties).map(code);
  const isOpen = fieldSchema(output).additionalProperties === true;
  if (keys.length === 0) return isOpen ? "any keys" : "none";
  return `${keys.join(", ")}${isOpen ? " and more" : ""}`;
}

function triggerPage({ type, summary, listKey, entry }: AnyTriggerDefinition): ReferencePage {
  const inSection =
    listKey === undefined
      ? `In ${code(`triggers.${type}`)} the settings stand directly.`
      : `Entries stand in the list ${code(`triggers.${type}.${listKey}`)}. Beside its own settings an entry has ` +
        "`workflow` (required: a pipeline, a section of `workflows` or a state machine), `action` and `params`, a " +
        "map that is laid over the data of every run.";
  const written = code(`trigger: { type: ${type}, config: … }`);
  const inline = `In a pipeline, ${written} is one entry that starts the pipeline.`;
  return {
    kind: "trigger",
    name: type,
    group: "",
    summary,
    text: page(`Trigger ${type}`, [
      wrap(summary),
      wrap(`${inSection} ${inline}`),
      `## Settings\n\n${settingsList(fieldSchema(entry))}`,
    ]),
  };
}

function workflowPage({ key, keyPrefix, summary, config }: AnyWorkflowDefinition): ReferencePage {
  const others =
    keyPrefix === undefined ? "" : ` Keys that begin with ${code(keyPrefix)} are sections of this kind too.`;
  return {
    kind: "workflow",
    name: key,
    group: "",
    summary,
    text: page(`Workflow section ${key}`, [
      wrap(summary),
      wrap(`It stands under ${code(`workflows.${key}`)}.${others}`),
      `## Settings\n\n${settingsList(fieldSchema(config))}`,
    ]),
  };
}

function functionPage({ name, summary, parameters }: TemplateFunction): ReferencePage {
  const shown = parameters.map((parameter) => {
    const text = `${parameter.name}${parameter.rest === true ? "…" : ""}`;
    return parameter.optional === true ? `[${text}]` : text;
  });
  const list = parameters.map(({ name: parameter, type, optional, rest, description }) => {
    const marks = [type === "any" ? "any value" : type === "string" ? "text" : type];
    if (optional === true) marks.push("optional");
    if (rest === true) marks.push("any number of them");
    return wrap(`**${code(parameter)}** (${marks.join(", ")}): ${description}`, "- ");
  });
  return {
    kind: "function",
    name,
    group: "",
    summary,
    text: page(`Template function ${name}`, [
      wrap(summary),
      `\`\`\`text\n${[name, ...shown].join(" ")}\n\`\`\``,
      list.length === 0 ? "It takes no arguments." : `## Arguments\n\n${list.join("\n")}`,
    ]),
  };
}

function secretPage({ scheme, summary }: AnySecretProviderDefinition): ReferencePage {
  return {
    kind: "secret",
    name: scheme,
    group: "",
    summary,
    text: page(`Source ${scheme}`, [wrap(summary), wrap(`It is written ${code(`\${${scheme}:key}`)}.`)]),
  };
}

function names(aliases: readonly string[] | undefined): string | undefined {
  return aliases === undefined || aliases.length === 0 ? undefined : aliases.map(code).join(", ");
}

function facts(rows: readonly (readonly [string, string | undefined])[]): string {
  return rows
    .filter((row) => row[1] !== undefined)
    .map(([name, value]) => wrap(`${name}: ${value ?? ""}`, "- "))
    .join("\n");
}
