import { defineModule } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { isPlainMap } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import { type Message, MessageHandler } from "../../port/messaging.ts";
import { Executor } from "../../port/service.ts";
import { anyRef, fieldPath, type LateRef, Type } from "../../schema/field.ts";
import type { Template } from "../../template/template.ts";

/** Sends messages on to one of several modules by the text of a value in them. */
export default defineModule({
  type: "step.conditional",
  summary: "Branch between modules: forwards a message to the module that belongs to a value in it.",
  category: "pipeline",
  provides: [MessageHandler, Executor],
  config: Type.Object({
    field: Type.Optional(fieldPath({ description: "Path of the value in the payload, such as `status`." })),
    routes: Type.Record(Type.String(), anyRef({ description: "Module to go on at." }), {
      description: "Map of texts to modules.",
      default: {},
    }),
    default: Type.Optional(anyRef({ description: "Module to go on at when no text matches." })),
  }),
  create({ name }, { field, routes, default: fallback }) {
    const prefix = `step.conditional "${name}": `;
    // What is being forwarded right now: a circle of conditionals would go round for ever.
    const inFlight = new WeakSet<object>();
    const choose = (payload: unknown): LateRef<object> => {
      const text = field === undefined ? "" : textOf(field, payload, prefix);
      const target = (Object.hasOwn(routes, text) ? routes[text] : undefined) ?? fallback;
      if (target !== undefined) return target;
      const reason = `value ${JSON.stringify(text)} not found in routes and no default configured`;
      throw new WorkflowError("module.failed", prefix + reason);
    };
    const once = async <T>(token: object, work: () => Promise<T>): Promise<T> => {
      if (inFlight.has(token)) throw new WorkflowError("module.failed", `${prefix}its branches lead back to it`);
      inFlight.add(token);
      try {
        return await work();
      } finally {
        inFlight.delete(token);
      }
    };
    const service: MessageHandler & Executor = {
      handleMessage: (message) =>
        once(message, async () => {
          const target = choose(payloadOf(message, prefix));
          await messageHandler(target, prefix).handleMessage(message);
        }),
      execute: (parameters, signal) =>
        once(parameters, async () => executor(choose(parameters), prefix).execute(parameters, signal)),
    };
    return { service };
  },
});

function textOf(field: Template, payload: unknown, prefix: string): string {
  const current = isPlainMap(payload) ? payload : {};
  try {
    return field.render({ current, trigger: current, steps: {}, meta: {} });
  } catch (error) {
    throw prefixed(prefix, error, "step.template");
  }
}

function payloadOf({ payload }: Message, prefix: string): unknown {
  try {
    return parseJson(new TextDecoder().decode(payload));
  } catch (error) {
    throw prefixed(`${prefix}payload is not JSON: `, error, "http.bad_json");
  }
}

function messageHandler(target: LateRef<object>, prefix: string): MessageHandler {
  const service = target.get();
  if (isMessageHandler(service)) return service;
  throw new WorkflowError("run.missing_service", `${prefix}service "${target.name}" does not handle messages`);
}

function executor(target: LateRef<object>, prefix: string): Executor {
  const service = target.get();
  if (isExecutor(service)) return service;
  throw new WorkflowError("run.missing_service", `${prefix}service "${target.name}" cannot be executed`);
}

function isMessageHandler(service: object): service is MessageHandler {
  return "handleMessage" in service && typeof service.handleMessage === "function";
}

function isExecutor(service: object): service is Executor {
  return "execute" in service && typeof service.execute === "function";
}
