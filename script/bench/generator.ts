// A plain closed-loop generator over raw sockets, used where wrk is not installed. Takes a `Load` as JSON and prints a
// `LoadResult`. Each connection has one request in flight.
import type { Load } from "./load.ts";

const load: Load = JSON.parse(process.argv[2] ?? "{}");
const url = new URL(load.url);
const { body = "" } = load;
const lines = [`${load.body === undefined ? "GET" : "POST"} ${url.pathname} HTTP/1.1`, `Host: ${url.host}`];
if (body !== "") lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
const request = Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
const latencies: number[] = [];
let failed = 0;
const end = performance.now() + load.seconds * 1000;

function connect(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let pending = "";
  let sent = 0;
  void Bun.connect({
    hostname: url.hostname,
    port: Number(url.port),
    socket: {
      open(socket) {
        sent = performance.now();
        socket.write(request);
      },
      data(socket, chunk) {
        pending += chunk.toString("latin1");
        const split = pending.indexOf("\r\n\r\n");
        if (split < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0);
        if (pending.length < split + 4 + length) return;
        const now = performance.now();
        latencies.push(now - sent);
        if (!pending.startsWith("HTTP/1.1 2")) failed++;
        pending = pending.slice(split + 4 + length);
        if (now >= end) {
          socket.end();
          return;
        }
        sent = now;
        socket.write(request);
      },
      close: () => resolve(),
      error: (_socket, error) => reject(error),
    },
  });
  return promise;
}

const started = performance.now();
await Promise.all(Array.from({ length: load.connections }, connect));
const seconds = (performance.now() - started) / 1000;
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
console.log(JSON.stringify({ requestsPerSecond: latencies.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), failed }));
