import { defineWorkflow } from "../../define/define.ts";
import { asWorkflowError, placed, WorkflowError } from "../../error/error.ts";
import type { RuntimeServices } from "../../port/runtime.ts";
import type { ConnectorRegistry } from "../../port/service.ts";
import { anyMap, anyRef, count, duration, position, Type } from "../../schema/field.ts";
import type { CompiledConnector, RunAction } from "./connector.ts";
import { connectorFields, isWebhook, toConnector, type WrittenConnector } from "./connector_config.ts";
import { retriesMax, stepsToRun } from "./section_run.ts";
import { compileStep, runSteps } from "./section_step.ts";
import { WebhookListener, type WebhookRoute } from "./webhook_listener.ts";

const step = Type.Object({
  at: position(),
  name: Type.String({ description: "Name of the step; its result stands under it.", minLength: 1 }),
  connector: Type.String({ description: "Connector that runs it.", minLength: 1 }),
  action: Type.String({ description: "What to do, such as `GET /orders/{id}` or `query`.", minLength: 1 }),
  input: anyMap({
    description: "Values for the action; `${name}`, `${step.field}` and `${data.field}` are put in place.",
    default: {},
  }),
  onError: Type.String({ description: "Anything but nothing lets the run go on when the step fails.", default: "" }),
  retryCount: count({ description: "Attempts after the first one.", default: 0, minimum: 0, maximum: retriesMax }),
  retryDelay: duration({ description: "Wait between two attempts.", default: "1s", minimum: 0 }),
});

/** Calls other systems through connectors. */
export default defineWorkflow({
  key: "integration",
  summary: "Connectors to other systems, and steps that call them one after the other.",
  config: Type.Object({
    registry: anyRef({ description: "Name of the registry; a module that keeps connectors also gets these." }),
    connectors: Type.Array(connectorFields, { description: "Connectors to other systems.", minItems: 1 }),
    steps: Type.Array(step, { description: "What a trigger of this section runs.", default: [] }),
  }),
  build({ runtime }, config) {
    const connectors = new Map<string, CompiledConnector>();
    for (const written of config.connectors) {
      const { name, at } = written;
      if (connectors.has(name)) throw placed(duplicate(name), at);
      connectors.set(name, toConnector(written, runtime));
    }
    const compileAction = (name: string, connector: string, action: string) =>
      compile(connectors, { step: name, connector, action });
    const steps = config.steps.map(({ at, retryDelay, ...rest }) => {
      try {
        return compileStep(
          { ...rest, retryDelayMs: retryDelay },
          compileAction(rest.name, rest.connector, rest.action),
        );
      } catch (error) {
        throw placed(asWorkflowError(error), at);
      }
    });
    const section = { registry: config.registry.name, steps, compileAction };
    const registry = config.registry.find();
    const ended = new AbortController();
    return {
      servers: listenersOf(config.connectors, runtime),
      start(scope) {
        scope.signal.addEventListener("abort", () => ended.abort(scope.signal.reason), { once: true });
      },
      open() {
        if (registry === undefined || !keepsConnectors(registry)) return;
        for (const [name, connector] of connectors) registry.register(name, connector);
      },
      async execute(action, data, { signal, params }) {
        const both = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
        return runSteps(stepsToRun(section, action, { data, params }), data, runtime, both);
      },
    };
  },
});

function duplicate(name: string): WorkflowError {
  return new WorkflowError("config.duplicate_name", `connector '${name}' is defined twice`);
}

function compile(
  connectors: ReadonlyMap<string, CompiledConnector>,
  wanted: { readonly step: string; readonly connector: string; readonly action: string },
): RunAction {
  const connector = connectors.get(wanted.connector);
  if (connector !== undefined) return connector.compile(wanted.action);
  const text = `connector '${wanted.connector}' not found for step '${wanted.step}'`;
  throw new WorkflowError("config.unknown_reference", text, {
    hint: `connectors: ${[...connectors.keys()].join(", ")}`,
  });
}

/** One listener per port. Throws when two connectors want the same path of it. */
function listenersOf(written: readonly WrittenConnector[], runtime: RuntimeServices): readonly WebhookListener[] {
  const ports = new Map<number, [WebhookRoute, ...WebhookRoute[]]>();
  for (const { at, name, config } of written.filter(isWebhook)) {
    const routes = ports.get(config.port);
    const taken = routes?.find(({ path }) => path === config.path);
    if (taken !== undefined) {
      const text = `webhook connectors '${taken.connector}' and '${name}' have the same port and path`;
      throw placed(new WorkflowError("config.route_conflict", text), at);
    }
    const route = { connector: name, path: config.path, at };
    if (routes === undefined) ports.set(config.port, [route]);
    else routes.push(route);
  }
  return [...ports].map(([port, routes]) => new WebhookListener(port, routes, runtime));
}

function keepsConnectors(service: object): service is Pick<ConnectorRegistry, "register"> {
  return "register" in service && typeof service.register === "function";
}
