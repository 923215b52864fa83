import { WorkflowError } from "../../error/error.ts";
import type { EventReply, EventRequest } from "./event_message.ts";

interface Waiter {
  resolve(reply: EventReply): void;
  reject(error: WorkflowError): void;
}

/** A request as its sender makes it: the thread's side numbers it. */
export type EventQuestion = EventRequest extends infer R ? (R extends EventRequest ? Omit<R, "id"> : never) : never;

/** The thread that works on an event file. Requests are answered in their order. */
export class EventThread {
  readonly #worker = new Worker(workerAddress());
  readonly #asked = new Map<number, Waiter>();
  #lastId = 0;
  #broken: WorkflowError | undefined;

  constructor() {
    this.#worker.addEventListener("message", (event: MessageEvent<EventReply>) => this.#receive(event.data));
    this.#worker.addEventListener("error", (event: ErrorEvent) => this.#break(event.message));
    this.#worker.addEventListener("close", () => this.#break("its thread has ended"));
  }

  /** Why nothing can be asked any more; undefined while it can. */
  get failure(): WorkflowError | undefined {
    return this.#broken;
  }

  /** Rejects with `database.failed`. */
  ask(question: EventQuestion): Promise<EventReply> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) {
        reject(this.#broken);
        return;
      }
      const id = ++this.#lastId;
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage({ ...question, id }, []);
    });
  }

  end(): void {
    this.#break("it is closed");
    this.#worker.terminate();
  }

  #receive(reply: EventReply): void {
    const waiter = this.#asked.get(reply.id);
    this.#asked.delete(reply.id);
    if (reply.kind === "failed") waiter?.reject(new WorkflowError("database.failed", reply.message));
    else waiter?.resolve(reply);
  }

  #break(why: string): void {
    this.#broken ??= new WorkflowError("database.failed", `the event store cannot be used: ${why}`);
    const waiters = [...this.#asked.values()];
    this.#asked.clear();
    for (const { reject } of waiters) reject(this.#broken);
  }
}

/** In the executable, where everything is one file, the worker keeps the path it has below the root of the sources. */
function workerAddress(): string {
  if (!import.meta.dir.startsWith("/$bunfs/")) return new URL("./event.worker.ts", import.meta.url).href;
  return new URL("./src/plugin/eventstore/event.worker.ts", import.meta.url).href;
}
