import { connect, type Socket } from "node:net";
import type { TestServer } from "../harness/server.ts";

/** An answer as it came over the wire. */
export interface RawAnswer {
  /** Zero when the connection ended without an answer. */
  readonly status: number;
  readonly headers: Headers;
  /** Still chunked, if the server chunked it. */
  readonly body: string;
}

/** Opens a connection to the first server of a configuration. */
export function rawConnection(server: TestServer): Socket {
  return connect(server.engine.addresses()[0]?.port ?? 0, "127.0.0.1");
}

/** Sends bytes that no HTTP client would, and gives what comes back. */
export function rawRequest(server: TestServer, text: string | Uint8Array): Promise<RawAnswer> {
  const socket = rawConnection(server);
  socket.write(text);
  return rawAnswer(socket);
}

/** Reads one answer and ends the connection. */
export function rawAnswer(socket: Socket): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = "";
    const finish = () => {
      socket.destroy();
      resolve(parse(text));
    };
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (isComplete(text)) finish();
    });
    socket.on("error", finish);
    socket.on("close", finish);
  });
}

function isComplete(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const { status, headers, body } = parse(text);
  if (status === 304 || headers.get("transfer-encoding") === "chunked") return body.endsWith("0\r\n\r\n");
  return body.length >= Number(headers.get("content-length") ?? Number.POSITIVE_INFINITY);
}

function parse(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, Math.max(0, end)).split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { status: Number(first.split(" ")[1] ?? 0), headers, body: end < 0 ? "" : text.slice(end + 4) };
}
