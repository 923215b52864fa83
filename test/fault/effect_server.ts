// A service that steps call. Each call is on the disk before it is answered, in the order of arrival, so that what a
// step did can be counted when its server was killed. Arguments: the file to append to.
// `/refuse/…` does nothing and answers 409; `/hold/…` is answered after `/release`; anything else at once.
import { fsyncSync, openSync, writeSync } from "node:fs";
import type { Effect } from "./effects.ts";

const file = openSync(process.argv[2] ?? "", "a");
let lines: string[] = [];
let written: PromiseWithResolvers<void> | undefined;
const released = Promise.withResolvers<void>();

/** Calls of one turn share a write to the disk. */
function append(effect: Effect): Promise<void> {
  lines.push(`${JSON.stringify(effect)}\n`);
  if (written === undefined) {
    const waiting = Promise.withResolvers<void>();
    written = waiting;
    setImmediate(() => {
      written = undefined;
      writeSync(file, lines.join(""));
      lines = [];
      fsyncSync(file);
      waiting.resolve();
    });
  }
  return written.promise;
}

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  async fetch(request) {
    const [, kind = "", ...rest] = new URL(request.url).pathname.split("/");
    if (kind === "release") released.resolve();
    if (kind === "refuse") return new Response("refused", { status: 409 });
    if (kind !== "do" && kind !== "hold") return new Response("ok");
    const { work = "" }: { readonly work?: string } = JSON.parse(await request.text());
    const key = request.headers.get("idempotency-key") ?? "";
    await append({ work, step: rest.join("/"), key, at: Date.now() });
    if (kind === "hold") await released.promise;
    return Response.json({ done: true });
  },
});
console.log(`port ${server.port}`);
