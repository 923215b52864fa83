import { defineWorkflow } from "../../define/define.ts";
import { messageOf, type Position, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { type Executor, Scheduler } from "../../port/service.ts";
import type { MessageHandler } from "../../port/messaging.ts";
import { anyRef, node, position, ref, Type } from "../../schema/field.ts";

const job = Type.Object({
  at: position(),
  scheduler: ref(Scheduler, { description: "Scheduler module whose expression says when the job runs." }),
  job: anyRef({ description: "Module that runs: a message handler, which gets `{}`, or a component." }),
  config: Type.Optional(node({ description: "Notes for readers; not used." })),
});

interface RunnableJob {
  readonly name: string;
  readonly handlerType: "message_handler" | "component";
  /** The text sent to a message handler has its size as result. */
  run(data: Record<string, unknown>, signal: AbortSignal): Promise<number | undefined>;
}

/** Puts jobs onto schedulers. */
export default defineWorkflow({
  key: "scheduler",
  summary: "Jobs of schedulers.",
  config: Type.Object({
    jobs: Type.Array(job, { description: "Jobs, each with the scheduler it runs on." }),
  }),
  build({ log }, { jobs }) {
    let signal = new AbortController().signal;
    const byName = new Map<string, RunnableJob>();
    for (const { at, scheduler, job: reference } of jobs) {
      const runnable = toJob(reference.name, reference.find(), at);
      scheduler.add({ name: runnable.name, run: async () => void (await runnable.run({}, signal)) });
      byName.set(runnable.name, runnable);
    }
    return {
      start: (scope) => void (signal = scope.signal),
      async execute(action, data, options) {
        const name = byName.has(action) ? action : action.slice(action.indexOf(":") + 1);
        const runnable = byName.get(name);
        if (runnable === undefined) {
          throw new WorkflowError("step.invalid_input", `job '${action}' is not one of the scheduler section`);
        }
        const facts = { job: name, handlerType: runnable.handlerType };
        try {
          const payloadSize = await runnable.run(data, options.signal ?? signal);
          return { success: true, ...facts, ...(payloadSize === undefined ? {} : { payloadSize }) };
        } catch (error) {
          log.error(`Job execution failed: ${messageOf(error)}`, { job: name });
          return { success: false, ...facts, error: messageOf(error) };
        }
      },
    };
  },
});

function toJob(name: string, service: object | undefined, at: Position): RunnableJob {
  if (service === undefined) {
    throw new WorkflowError("config.unknown_reference", `job handler service '${name}' not found`, { at: [at] });
  }
  if (isMessageHandler(service)) {
    return {
      name,
      handlerType: "message_handler",
      async run(data) {
        const payload = new TextEncoder().encode(encodeJson(data));
        await service.handleMessage({ topic: name, payload });
        return payload.byteLength;
      },
    };
  }
  if (isExecutor(service)) {
    return {
      name,
      handlerType: "component",
      async run(data, signal) {
        await service.execute(data, signal);
        return undefined;
      },
    };
  }
  throw new WorkflowError("config.wrong_role", `service '${name}' does not implement Job interface`, { at: [at] });
}

function isMessageHandler(service: object): service is MessageHandler {
  return "handleMessage" in service && typeof service.handleMessage === "function";
}

function isExecutor(service: object): service is Executor {
  return "execute" in service && typeof service.execute === "function";
}
