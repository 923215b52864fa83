// The store's thread: commits wait for the disk here, and requests do not.
import { reply } from "./sqlite_thread.ts";
import type { StoreRequest } from "./sqlite_thread.ts";

declare const self: Worker;

self.addEventListener("message", (event: MessageEvent<StoreRequest>) => {
  self.postMessage(reply(event.data), []);
});
