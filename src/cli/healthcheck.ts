import { messageOf } from "../error/error.ts";
import { parseListenAddress } from "../net/address.ts";
import type { Settings } from "./settings.ts";

/** Asks the management port of a server on this machine whether it is alive; for images without other tools. */
export async function healthcheck(settings: Settings): Promise<number> {
  const { host, port } = parseListenAddress(settings.text("mgmt-addr") ?? ":8081");
  const name =
    host === "" || host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  const url = `http://${name}:${port}/healthz`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(4000) });
    if (answer.ok) return 0;
    process.stderr.write(`${url} answered ${answer.status}\n`);
  } catch (error) {
    process.stderr.write(`${url}: ${messageOf(error)}\n`);
  }
  return 1;
}
