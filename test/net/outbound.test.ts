import { beforeAll, expect, test } from "bun:test";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createSocketServer } from "node:net";
import { EgressPolicy } from "../../src/net/egress.ts";
import { openOutbound, type OutboundRequest, sendOutbound, TransportFailure } from "../../src/net/outbound.ts";
import { ManualClock } from "../harness/manual_clock.ts";
import { type Certificates, makeCertificates } from "../plugin/http/certificates.ts";

/** Every name is this machine, which may be called. */
const here = new EgressPolicy({ allow: ["loopback"] }, async () => ["127.0.0.1"]);
const signal = new AbortController().signal;

const request = (url: string, more: Partial<OutboundRequest> = {}) => ({
  method: "GET",
  url,
  headers: new Headers(),
  body: undefined,
  egress: here,
  signal,
  answerBytesMax: 1000,
  ...more,
});

const failure = (work: Promise<unknown>) =>
  work.then(
    () => "no failure",
    (error: Error) => error.message,
  );

/** One turn of the event loop. */
const turn = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });

interface Listening extends AsyncDisposable {
  readonly port: number;
  /** How many connections were made so far. */
  readonly connections: () => number;
}

async function listening(server: Server, event: "connection" | "secureConnection"): Promise<Listening> {
  let made = 0;
  server.on(event, () => made++);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  };
  return { port, connections: () => made, [Symbol.asyncDispose]: close };
}

const plain = (answer: (asked: IncomingMessage, reply: ServerResponse) => void) =>
  listening(createServer(answer), "connection");

test("a request goes to the address that was checked, under the name of the URL", async () => {
  await using server = await plain(({ headers, url }, reply) => reply.end(`${headers.host} ${url}`));
  const { status, text } = await sendOutbound(request(`http://no-such-host.invalid:${server.port}/x?y=1`));
  expect([status, text]).toEqual([200, `no-such-host.invalid:${server.port} /x?y=1`]);
});

test("connections are used again, also for another name of the same address", async () => {
  await using server = await plain(({ headers }, reply) => reply.end(headers.host));
  for (const host of ["a.test", "a.test", "b.test"]) {
    const { text } = await sendOutbound(request(`http://${host}:${server.port}/`));
    expect(text).toBe(`${host}:${server.port}`);
  }
  expect(server.connections()).toBe(1);
});

test("a name that comes to mean a forbidden address is refused, whatever connections there are", async () => {
  await using server = await plain((_, reply) => reply.end());
  const answers = [["127.0.0.1"], ["10.0.0.1"], ["127.0.0.1", "169.254.169.254"]];
  const egress = new EgressPolicy({ allow: ["loopback"] }, async () => answers.shift() ?? []);
  const url = `http://shop.test:${server.port}/`;
  expect((await sendOutbound(request(url, { egress }))).status).toBe(200);
  expect(await failure(sendOutbound(request(url, { egress })))).toStartWith("shop.test resolves to 10.0.0.1, which");
  expect(await failure(sendOutbound(request(url, { egress })))).toStartWith(
    "shop.test resolves to 169.254.169.254, which",
  );
});

let certificates: Certificates;
beforeAll(() => void (certificates = makeCertificates()));

test("over TLS the certificate must be that of the URL's host, on kept connections too", async () => {
  const answer = (asked: IncomingMessage, reply: ServerResponse) => void reply.end(asked.headers.host);
  await using server = await listening(createTlsServer(certificates.server, answer), "secureConnection");
  const ca = certificates.authority.cert;
  const good = `https://localhost:${server.port}/`;
  for (let count = 0; count < 3; count++) {
    expect((await sendOutbound(request(good, { ca }))).text).toBe(`localhost:${server.port}`);
  }
  expect(server.connections()).toBe(1);
  const other = sendOutbound(request(`https://other.test:${server.port}/`, { ca }));
  await expect(other).rejects.toMatchObject({ cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
  // A certificate does not get better by trying again.
  await expect(other).rejects.not.toBeInstanceOf(TransportFailure);
  await expect(sendOutbound(request(good))).rejects.toMatchObject({ code: "step.upstream" });
});

test("the addresses of a host are tried in turn while none takes the connection", async () => {
  await using server = await plain((_, reply) => reply.end("ok"));
  const egress = new EgressPolicy({ allow: ["loopback"] }, async () => ["127.0.0.2", "::1", "127.0.0.1"]);
  expect((await sendOutbound(request(`http://shop.test:${server.port}/`, { egress }))).text).toBe("ok");
});

test("a connection that breaks after the request is a failure, not a reason to send it elsewhere", async () => {
  let received = 0;
  const server = createSocketServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => {
      received++;
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const egress = new EgressPolicy({ allow: ["loopback"] }, async () => ["127.0.0.1", "127.0.0.1"]);
  const sent = sendOutbound(request(`http://shop.test:${port}/`, { egress, method: "POST", body: "{}" }));
  await expect(sent).rejects.toBeInstanceOf(TransportFailure);
  expect(received).toBe(1);
  server.close();
});

test.each([
  ["file:///etc/passwd", 'unsupported protocol scheme "file"'],
  ["data:,x", 'unsupported protocol scheme "data"'],
  ["not a url", 'invalid URL "not a url"'],
  ["http://me:secret@ /", 'invalid URL "http://***@ /"'],
])("%s cannot be called", async (url, message) => {
  expect(await failure(sendOutbound(request(url)))).toBe(message);
});

test.each([
  ["me:s%40x@", {}, "Basic bWU6c0B4"],
  ["me@", {}, "Basic bWU6"],
  ["me:50%@", {}, "Basic bWU6NTAl"],
  ["me:x@", { authorization: "Bearer t" }, "Bearer t"],
  ["", {}, "none"],
])("of the URL with %s and the headers %p the service sees %s", async (user, headers, expected) => {
  await using server = await plain((asked, reply) => reply.end(asked.headers.authorization ?? "none"));
  const url = `http://${user}shop.test:${server.port}/`;
  expect((await sendOutbound(request(url, { headers: new Headers(headers) }))).text).toBe(expected);
});

/** Redirects everything to `location`, and answers the path `/end` with what it was asked. */
function redirecting(status: number, location: (port: string) => string) {
  return plain((asked, reply) => {
    if (asked.url !== "/end") {
      reply.writeHead(status, { location: location(asked.headers.host?.split(":")[1] ?? "") }).end();
      return;
    }
    let body = "";
    asked.on("data", (chunk: Buffer) => (body += chunk.toString()));
    asked.on("end", () => reply.end(JSON.stringify({ method: asked.method, headers: asked.headers, body })));
  });
}

test.each([
  [301, "POST", "GET", ""],
  [302, "POST", "GET", ""],
  [303, "POST", "GET", ""],
  [307, "POST", "POST", "x"],
  [308, "POST", "POST", "x"],
  [301, "PUT", "PUT", "x"],
  [302, "DELETE", "DELETE", "x"],
  [303, "PUT", "GET", ""],
  [303, "HEAD", "HEAD", ""],
  [302, "GET", "GET", ""],
])("a %i for a %s is followed with a %s", async (status, method, expected, body) => {
  const seen: string[] = [];
  await using server = await redirecting(status, () => "/end");
  const isBodiless = method === "GET" || method === "HEAD";
  const headers = new Headers({ "content-type": "text/plain", "idempotency-key": "k" });
  const sent = request(`http://shop.test:${server.port}/`, {
    method,
    headers,
    body: isBodiless ? undefined : "x",
    mayFollow: (target, code) => seen.push(`${code} ${target.pathname}`) > 0,
  });
  const { text } = await sendOutbound(sent);
  expect(seen).toEqual([`${status} /end`]);
  if (method === "HEAD") return;
  const last = JSON.parse(text);
  expect([last.method, last.body]).toEqual([expected, body]);
  const keeps = expected === method;
  expect([last.headers["content-type"], last.headers["idempotency-key"]]).toEqual(
    keeps ? ["text/plain", "k"] : [undefined, undefined],
  );
});

test.each([
  ["/end", "secret", "c=1"],
  ["http://shop.test:PORT/end", "secret", "c=1"],
  ["http://SHOP.test:PORT/end", "secret", "c=1"],
  ["http://other.test:PORT/end", undefined, undefined],
  ["http://me:pw@other.test:PORT/end", undefined, undefined],
])("a redirect to %s takes the authorization %p along", async (location, authorization, cookie) => {
  await using server = await redirecting(302, (port) => location.replace("PORT", port));
  const headers = new Headers({ authorization: "secret", cookie: "c=1", "x-other": "1" });
  const { text } = await sendOutbound(request(`http://shop.test:${server.port}/`, { headers }));
  const seen = JSON.parse(text).headers;
  expect([seen.authorization, seen.cookie, seen["x-other"]]).toEqual([authorization, cookie, "1"]);
});

test.each([
  ["http://10.0.0.1/", "10.0.0.1 is a private address"],
  ["http://169.254.169.254/latest/meta-data", "169.254.169.254 is a metadata address"],
  ["http://[::ffff:10.0.0.1]/", "::ffff:a00:1 is a private address"],
  ["http://inner.test/", "inner.test resolves to 10.0.0.7, which is a private address"],
  ["file:///etc/passwd", 'unsupported protocol scheme "file"'],
])("a redirect to %s is checked like the first request", async (location, message) => {
  await using server = await redirecting(302, () => location);
  const addresses = async (host: string) => [host === "inner.test" ? "10.0.0.7" : "127.0.0.1"];
  const egress = new EgressPolicy({ allow: ["loopback"] }, addresses);
  const sent = sendOutbound(request(`http://shop.test:${server.port}/`, { egress }));
  expect(await failure(sent)).toStartWith(message);
});

test("ten redirects are followed, and one that may not be followed is the answer", async () => {
  const hops = (count: number) =>
    plain(({ url }, reply) => {
      const left = Number(url?.slice(1) ?? 0);
      if (left === 0) reply.end("end");
      else reply.writeHead(307, { location: `/${Math.min(left - 1, count)}` }).end();
    });
  await using server = await hops(11);
  const url = `http://shop.test:${server.port}`;
  expect((await sendOutbound(request(`${url}/10`))).text).toBe("end");
  expect(await failure(sendOutbound(request(`${url}/11`)))).toBe("stopped after 10 redirects");
  expect((await sendOutbound(request(`${url}/3`, { mayFollow: () => false }))).status).toBe(307);
});

test("an answer beyond the limit is refused, and the rest of it is not read", async () => {
  const cancelled = Promise.withResolvers<string>();
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) => {
      if (url.endsWith("/known")) return new Response("x".repeat(1001));
      const chunk = new Uint8Array(400);
      return new Response(
        new ReadableStream({ pull: (to) => to.enqueue(chunk), cancel: () => cancelled.resolve("cancelled") }),
      );
    },
  });
  const tooLarge = "the response is larger than 1000 bytes";
  expect(await failure(sendOutbound(request(`http://shop.test:${server.port}/known`)))).toBe(tooLarge);
  expect(await failure(sendOutbound(request(`http://shop.test:${server.port}/endless`)))).toBe(tooLarge);
  expect(await cancelled.promise).toBe("cancelled");
});

test("a body that ends early is a failure of the transport", async () => {
  await using server = await plain((_, reply) => {
    reply.writeHead(200, { "content-length": "100" });
    reply.write("half", () => reply.destroy());
  });
  await expect(sendOutbound(request(`http://shop.test:${server.port}/`))).rejects.toBeInstanceOf(TransportFailure);
});

test("an answer that does not begin in time is a failure of the transport; its body has more time", async () => {
  const clock = new ManualClock();
  const asked = Promise.withResolvers<void>();
  const held: ServerResponse[] = [];
  await using server = await plain(({ url }, reply) => {
    held.push(reply);
    if (url === "/body") reply.writeHead(200).write("a");
    asked.resolve();
  });
  const firstByte = { clock, timeoutMs: 500 };
  const silent = sendOutbound(request(`http://shop.test:${server.port}/silent`, { firstByte })).catch((error) => error);
  await asked.promise;
  await clock.advance(499);
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(1);
  expect(await silent).toMatchObject({ message: "no answer within 500 ms" });
  expect(await silent).toBeInstanceOf(TransportFailure);
  const response = await openOutbound(request(`http://shop.test:${server.port}/body`, { firstByte }));
  await clock.advance(1000);
  held.at(-1)?.end("b");
  expect(await response.text()).toBe("ab");
});

test("the signal ends a call with its reason, before and while the body is read", async () => {
  await using server = await plain(({ url }, reply) => {
    if (url === "/body") reply.writeHead(200).write("a");
  });
  const controller = new AbortController();
  const pending = ["/silent", "/body"].map((path) =>
    sendOutbound(request(`http://shop.test:${server.port}${path}`, { signal: controller.signal })),
  );
  const outcome = Promise.all(pending.map(failure));
  while (server.connections() < 2) await turn();
  controller.abort(new Error("enough"));
  expect(await outcome).toEqual(["enough", "enough"]);
});
