import { connect, type Socket } from "node:net";

/** A request whose body the test sends when it likes: it stays in flight until then. */
export interface OpenRequest extends Disposable {
  /** Sends the rest of the body and gives the whole answer. */
  finish(): Promise<string>;
  /** The answer so far, once the server has closed the connection. */
  readonly closed: Promise<string>;
}

/** Opens `POST path` with a JSON body and holds its last bytes back. Resolves when the server has the rest. */
export async function openRequest(port: number, path: string, body: string): Promise<OpenRequest> {
  const socket: Socket = connect(port, "127.0.0.1");
  let answer = "";
  const closed = new Promise<string>((resolve) => {
    socket.on("close", () => resolve(answer));
    socket.on("error", () => resolve(answer));
  });
  socket.on("data", (chunk) => (answer += String(chunk)));
  const head = [
    `POST ${path} HTTP/1.1`,
    "Host: localhost",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "Expect: 100-continue",
    "",
    body.slice(0, 1),
  ].join("\r\n");
  // The interim answer says that the server has begun to read the request (RFC 9110 §10.1.1).
  const begun = new Promise<void>((resolve, reject) => {
    socket.once("data", () => resolve());
    socket.once("close", () => reject(new Error("the server closed the connection")));
  });
  socket.write(head);
  await begun;
  return {
    finish: () => {
      socket.write(body.slice(1));
      return closed;
    },
    closed,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
