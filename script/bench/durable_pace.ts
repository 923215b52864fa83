// Sends requests at a steady pace and tells how long each took: a load that shows waiting instead of making it. Takes
// `{ url, perSecond, seconds }` as JSON and prints `{ p50Ms, p99Ms, sent }`.
import { connect, type Socket } from "node:net";
import { systemClock } from "../../src/time/clock.ts";
import { quantile } from "./durable_report.ts";

interface Pace {
  readonly url: string;
  readonly perSecond: number;
  readonly seconds: number;
}

const { url, perSecond, seconds }: Pace = JSON.parse(process.argv[2] ?? "{}");
const target = new URL(url);
const request = `GET ${target.pathname} HTTP/1.1\r\nHost: ${target.host}\r\n\r\n`;
const latencies: number[] = [];
const idle: Connection[] = [];

/** One connection with at most one request under way. */
class Connection {
  readonly #socket: Socket;
  #sentAt = 0;

  constructor() {
    this.#socket = connect(Number(target.port), target.hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk) => this.#receive(String(chunk)));
  }

  send(): void {
    this.#sentAt = performance.now();
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(text: string): void {
    // The answer is small and comes in one piece.
    if (!text.startsWith("HTTP/1.1 200")) throw new Error("the route did not answer 200");
    latencies.push(performance.now() - this.#sentAt);
    idle.push(this);
  }
}

const all: Connection[] = [];
const began = performance.now();
const total = perSecond * seconds;
for (let sent = 0; sent < total; sent++) {
  const waitMs = began + (sent * 1000) / perSecond - performance.now();
  if (waitMs > 0) await systemClock.sleep(waitMs, new AbortController().signal);
  let connection = idle.pop();
  if (connection === undefined) {
    connection = new Connection();
    all.push(connection);
  }
  connection.send();
}
while (latencies.length < total) await systemClock.sleep(5, new AbortController().signal);
for (const connection of all) connection.close();
console.log(JSON.stringify({ p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), sent: total }));
