import type { StateMachineEngine } from "../../../src/port/statemachine.ts";
import { type TestServer, withServer } from "../../harness/server.ts";

/** A door with four states: closed → open → closed, closed → locked, and broken for ever. */
export const door = `
      - name: door
        initialState: closed
        states:
          closed: {}
          open: { description: "Anybody may pass." }
          locked: { isFinal: true }
          broken: { isFinal: true, isError: true }
        transitions:
          open: { fromState: closed, toState: open }
          close: { fromState: open, toState: closed }
          lock: { fromState: closed, toState: locked }
          break: { fromState: open, toState: broken }
`;

/** A server with an engine called `machine`, the door, a hook target `told` that forwards to the topic `told`. */
export function withDoor(options: { engine?: string; definitions?: string; section?: string; modules?: string } = {}) {
  const { engine = "{}", definitions = door, section = "", modules = "" } = options;
  return withServer(`
  - { name: bus, type: messaging.broker }
  - { name: told, type: messaging.handler }
  - { name: machine, type: statemachine.engine, config: ${engine} }
${modules}
workflows:
  messaging: { subscriptions: [], producers: [{ name: told, forwardTo: [told] }] }
  statemachine:
    engine: machine
    definitions:${definitions}
${section}
`);
}

/** The engine of that name in the running generation. */
export function engineOf(server: TestServer, name = "machine"): StateMachineEngine {
  return server.engine.current?.service(name) as unknown as StateMachineEngine;
}

/** Runs the section as a trigger would. */
export function run(server: TestServer, workflow: string, action: string, data: Record<string, unknown>) {
  const target = server.engine.current?.runtime.dispatcher.target(workflow, action);
  return Promise.resolve(target?.run(data, { trigger: "test" }));
}

/** The message of what a promise fails with. */
export function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no failure",
    (error: Error) => error.message,
  );
}
