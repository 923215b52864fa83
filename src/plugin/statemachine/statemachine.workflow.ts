import { defineWorkflow } from "../../define/define.ts";
import type { Logger } from "../../log/logger.ts";
import { StateConnector, StateMachineEngine, StateTracker, type TransitionListener } from "../../port/statemachine.ts";
import { anyRef, type LateRef, optionalRef, ref, refAll, Type } from "../../schema/field.ts";
import { resourceTypeOf, TrackingConnector } from "./connector.ts";
import { definitionFields, toDefinition } from "./definition.ts";
import { type HookFilter, hookFor } from "./hook.ts";
import { runSection } from "./section_run.ts";
import { MemoryTracker } from "./tracker.ts";

const names = (description: string) => Type.Array(Type.String(), { description, default: [] });

const hook = Type.Object({
  workflowType: Type.String({ description: "Only instances of this definition; all without.", default: "" }),
  transitions: names("Only these transitions; all without."),
  fromStates: names("Only transitions from these states; all without."),
  toStates: names("Only transitions to these states; all without."),
  handler: anyRef({ description: "Module that is told before the state changes; its failure keeps the old state." }),
});

const mapping = Type.Object({
  resourceType: Type.String({ description: "Kind of resource.", minLength: 1 }),
  stateMachine: ref(StateMachineEngine, { description: "Engine that holds the instances of these resources." }),
  instanceIDKey: Type.String({
    description: "Key of an instance's data that holds the resource's id; the instance's own id without.",
    default: "id",
  }),
});

const legacyModule = Type.Object({
  config: Type.Object(
    { stateTracker: optionalRef(StateTracker, { description: "State tracker of the section." }) },
    { description: "Settings of the entry." },
  ),
});

/** What the built-in tracker keeps when no state.tracker module is defined; the defaults of that module. */
const builtInTracker = { retentionMs: 30 * 24 * 60 * 60 * 1000, resourcesMax: 100_000 };

/** Defines state machines and who is told of their transitions. */
export default defineWorkflow({
  key: "statemachine",
  summary: "State machines: their states, transitions and hooks.",
  config: Type.Object({
    engine: ref(StateMachineEngine, { description: "Engine that holds the instances." }),
    engines: refAll(StateMachineEngine, { description: "Every engine, for actions that name one." }),
    definitions: Type.Array(definitionFields, { description: "State machines." }),
    hooks: Type.Array(hook, { description: "Who is told of transitions, in this order.", default: [] }),
    resourceMappings: Type.Array(mapping, {
      description: "Kinds of resources and their engines; without it each definition is a kind, with `_` for `-`.",
      default: [],
    }),
    tracker: optionalRef(StateTracker, {
      description: "State tracker; without one `workflow.service.statetracker`, the first, or a built-in one.",
      fallback: ["workflow.service.statetracker"],
    }),
    connector: optionalRef(StateConnector, {
      description: "State connector; without one `workflow.connector.statemachine`, the first, or a built-in one.",
      fallback: ["workflow.connector.statemachine"],
    }),
    modules: Type.Array(legacyModule, {
      description: "Old place of the state tracker: `config.stateTracker` of an entry.",
      default: [],
    }),
  }),
  build({ log, runtime }, config) {
    const { engine, engines, hooks } = config;
    const definitions = config.definitions.map(toDefinition);
    const named = config.modules.find(({ config: { stateTracker } }) => stateTracker !== undefined)?.config
      .stateTracker;
    const tracker = named ?? config.tracker ?? new MemoryTracker({ log, clock: runtime.clock, ...builtInTracker });
    const ownConnector = config.connector === undefined ? new TrackingConnector(tracker) : undefined;
    const connector = config.connector ?? ownConnector;
    connector?.attach(tracker);
    for (const { resourceType, stateMachine, instanceIDKey } of config.resourceMappings) {
      connector?.map(resourceType, stateMachine, instanceIDKey);
    }
    if (config.resourceMappings.length === 0) {
      for (const { name } of definitions) connector?.map(resourceTypeOf(name), engine, "id");
    }
    const calls = new HookCalls(hooks, engine, log);
    let uninstall = (): void => {};
    return {
      names: definitions.map(({ name }) => name),
      start(scope) {
        // At the very end: requests in flight use the definitions until they are answered. A reload replaces them
        // before that, because the next generation installs its own when it opens.
        scope.defer("definitions", () => uninstall());
      },
      open() {
        uninstall = engine.install({ definitions, hooks: calls.listeners });
        ownConnector?.follow();
      },
      async drain(signal) {
        ownConnector?.unfollow();
        await calls.idle(signal);
      },
      execute: (action, data, { workflow }) =>
        runSection({ engine, engines, definitions, uuid: runtime.uuid }, { action, data, workflow }),
    };
  },
});

interface WrittenHook extends HookFilter {
  readonly handler: LateRef<object>;
}

/** The hooks of a section, which knows of each call that is under way. */
class HookCalls {
  readonly listeners: readonly TransitionListener[];
  readonly #running = new Set<Promise<void>>();

  constructor(hooks: readonly WrittenHook[], engine: StateMachineEngine, log: Logger) {
    this.listeners = hooks.flatMap((written) => {
      const { name } = written.handler;
      const service = written.handler.find();
      // A dangling name was reported when the configuration was checked.
      if (service === undefined) return [];
      const listener = hookFor(written, service, engine);
      if (listener === undefined)
        log.warn("Hook handler cannot be told of transitions; the hook is left out", { name });
      return listener === undefined ? [] : [this.#counted(listener)];
    });
  }

  /** Resolves when no hook is under way, or when the signal aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([Promise.all(this.#running), aborted]);
  }

  #counted(listener: TransitionListener): TransitionListener {
    return async (event) => {
      const call = Promise.resolve(listener(event));
      const ended = call.then(
        () => void this.#running.delete(ended),
        // The failure aborts the transition; here it only means that the hook has ended.
        () => void this.#running.delete(ended),
      );
      this.#running.add(ended);
      await call;
    };
  }
}
