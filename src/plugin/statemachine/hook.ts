import { encodeJson } from "../../json/encode.ts";
import type { MessageHandler } from "../../port/messaging.ts";
import type {
  StateMachineEngine,
  TransitionEvent,
  TransitionHandler,
  TransitionListener,
} from "../../port/statemachine.ts";

/** Which transitions a hook is for. An empty filter lets everything through. */
export interface HookFilter {
  readonly workflowType: string;
  readonly transitions: readonly string[];
  readonly fromStates: readonly string[];
  readonly toStates: readonly string[];
}

/** A hook that calls a service, or undefined when the service is nothing that can be told of transitions. */
export function hookFor(
  filter: HookFilter,
  service: object,
  engine: StateMachineEngine,
): TransitionListener | undefined {
  const call = callFor(service, engine);
  if (call === undefined) return undefined;
  return async (event) => {
    if (matches(filter, event)) await call(event);
  };
}

function matches({ workflowType, transitions, fromStates, toStates }: HookFilter, event: TransitionEvent): boolean {
  const allows = (wanted: readonly string[], actual: string) => wanted.length === 0 || wanted.includes(actual);
  return (
    (workflowType === "" || workflowType === event.workflowType) &&
    allows(transitions, event.transitionId) &&
    allows(fromStates, event.fromState) &&
    allows(toStates, event.toState)
  );
}

function callFor(service: object, engine: StateMachineEngine): ((event: TransitionEvent) => Promise<void>) | undefined {
  if (isTransitionHandler(service)) return (event) => service.handleTransition(event, engine);
  if (isMessageHandler(service)) return (event) => service.handleMessage(messageOf(event));
  return undefined;
}

function messageOf({ workflowType, workflowId, transitionId, fromState, toState }: TransitionEvent) {
  const body = { workflowId: workflowType, instanceId: workflowId, transition: transitionId, fromState, toState };
  return { topic: `statemachine.${workflowType}`, payload: new TextEncoder().encode(encodeJson(body)) };
}

function isTransitionHandler(service: object): service is TransitionHandler {
  return "handleTransition" in service && typeof service.handleTransition === "function";
}

function isMessageHandler(service: object): service is MessageHandler {
  return "handleMessage" in service && typeof service.handleMessage === "function";
}
