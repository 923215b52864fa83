// A process that sends requests over raw sockets until its standard input ends, and then prints what became of them.
// Raw, because an HTTP client would repeat a request whose connection was closed, and hide what this is to find.
// Arguments: the port and the number of connections. Each connection has one request in flight.
import { systemClock } from "../../src/time/clock.ts";

/** What became of the requests. */
export interface LoadReport {
  readonly answered: number;
  readonly failed: number;
  /** What the first failures were. */
  readonly failures: readonly string[];
  readonly longestMs: number;
}

/** Pause of a connection between two requests, so that the load leaves the machine to the server. */
const pauseMs = 2;

const port = Number(process.argv[2]);
const connections = Number(process.argv[3]);
const body = JSON.stringify({ name: "Ada" });
const posted = ["POST /greet HTTP/1.1", "Host: localhost", "Content-Type: application/json"];
const requests = [
  { text: `GET /steady HTTP/1.1\r\nHost: localhost\r\n\r\n`, expected: '"steady"' },
  {
    text: [...posted, `Content-Length: ${body.length}`, "", body].join("\r\n"),
    expected: '{"greeting":"Hello, Ada"}',
  },
];

const over = new AbortController();
let answered = 0;
let failed = 0;
let longestMs = 0;
const failures: string[] = [];

function fail(what: string): void {
  failed++;
  if (failures.length < 5) failures.push(what);
}

/** One answer, when the text holds it whole. */
function completeAnswer(text: string): string | undefined {
  const split = text.indexOf("\r\n\r\n");
  if (split < 0) return undefined;
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return text.length >= split + 4 + length ? text : undefined;
}

/** Sends one request after the other over one connection. Resolves when the connection is closed. */
async function converse(): Promise<void> {
  const closed = Promise.withResolvers<void>();
  let turn = 0;
  let pending = "";
  let sentAt = 0;
  let isWaiting = false;
  const send = (socket: { write(text: string): number }): void => {
    sentAt = performance.now();
    isWaiting = true;
    socket.write(requests[turn % requests.length]?.text ?? "");
  };
  await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: send,
      async data(socket, chunk) {
        pending += chunk.toString("latin1");
        const answer = completeAnswer(pending);
        if (answer === undefined) return;
        pending = "";
        isWaiting = false;
        longestMs = Math.max(longestMs, performance.now() - sentAt);
        const expected = requests[turn % requests.length]?.expected ?? "";
        if (answer.startsWith("HTTP/1.1 200 ") && answer.includes(expected)) answered++;
        else fail(answer.slice(0, 300));
        turn++;
        await systemClock.sleep(pauseMs, new AbortController().signal);
        if (over.signal.aborted) socket.end();
        else send(socket);
      },
      close() {
        if (isWaiting) fail("the connection was closed before the answer");
        closed.resolve();
      },
      error: (_socket, error) => fail(error.message),
    },
  });
  await closed.promise;
}

async function keepConversing(): Promise<void> {
  while (!over.signal.aborted) await converse().catch((error: unknown) => fail(String(error)));
}

const running = Promise.all(Array.from({ length: connections }, keepConversing));
for await (const _ of Bun.stdin.stream());
over.abort();
await running;
const report: LoadReport = { answered, failed, failures, longestMs: Math.round(longestMs) };
console.log(JSON.stringify(report));
