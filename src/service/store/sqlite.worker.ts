// The store's thread: commits wait for the disk here, and requests do not.
import { reply } from "./sqlite_thread.ts";

declare const self: Worker;

self.addEventListener("message", (event: MessageEvent<string>) => {
  self.postMessage(JSON.stringify(reply(JSON.parse(event.data))), []);
});
