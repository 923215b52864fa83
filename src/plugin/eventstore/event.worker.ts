// The thread of one event file: writing waits for the disk here, and runs do not.
import { EventFile } from "./event_file.ts";
import type { EventReply, EventRequest } from "./event_message.ts";

declare const self: Worker;

let file: EventFile | undefined;

self.addEventListener("message", (event: MessageEvent<EventRequest>) => {
  self.postMessage(answer(event.data), []);
});

function answer(request: EventRequest): EventReply {
  const { id } = request;
  try {
    switch (request.kind) {
      case "open":
        file = new EventFile(request.path);
        return { id, kind: "done" };
      case "append":
        opened().append(request.events);
        return { id, kind: "done" };
      case "events":
        return { id, kind: "events", events: opened().events(request.run) };
      case "executions":
        return { id, kind: "events", events: opened().executions(request.filter) };
      case "prune":
        return { id, kind: "pruned", executions: opened().prune(request.before) };
      case "close":
        file?.close();
        file = undefined;
        return { id, kind: "done" };
    }
  } catch (error) {
    return { id, kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function opened(): EventFile {
  if (file === undefined) throw new Error("the event file is not open");
  return file;
}
