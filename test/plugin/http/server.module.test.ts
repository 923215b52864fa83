import { expect, test } from "bun:test";
import { check, serve, type ServeOptions, withServer } from "../../harness/server.ts";
import { rawAnswer, rawConnection, rawRequest } from "../../bad_input/raw_request.ts";
import { startBackend } from "./backend.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";

const withSettings = (settings: string, rest = "") =>
  withServer(rest).replace('config: { address: "127.0.0.1:0" }', `config: { address: "127.0.0.1:0"${settings} }`);

/** How problems begin that are found when the server is made. */
const failed = '2:5: failed to initialize modules: module "server": ';

const readsBody = `
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: parse, type: step.request_parse, config: { parse_body: true } }
      - { name: answer, type: step.json_response, config: { body: { ok: true } } }
`;

test("a server without a router answers its probes, and 404 for everything else", async () => {
  await using server = await serve(`modules:
  - { name: server, type: http.server, config: { address: "127.0.0.1:0" } }
`);
  expect((await server.get("/healthz")).status).toBe(200);
  expect((await server.get("/readyz")).status).toBe(200);
  expect((await server.get("/livez")).status).toBe(200);
  expect((await server.get("/")).status).toBe(404);
});

test("a route of the user's takes the place of a probe", async () => {
  await using server = await serve(
    withServer(`
  - { name: hello, type: http.handler }
workflows: { http: { routes: [{ method: GET, path: /healthz, handler: hello }] } }
`),
  );
  expect(await (await server.get("/healthz")).json()).toMatchObject({ handler: "hello" });
});

test("httpserver.modular is another name of the type", async () => {
  await using server = await serve(
    'modules: [{ name: s, type: httpserver.modular, config: { address: "127.0.0.1:0" } }]',
  );
  expect((await server.get("/healthz")).status).toBe(200);
});

test.each([
  ["nowhere", 'invalid address "nowhere": expected host:port'],
  [":70000", 'invalid address ":70000": expected host:port'],
])("the address %s is refused", async (address, message) => {
  const { errors } = await check(`modules:
  - { name: s, type: http.server, config: { address: "${address}" } }
`);
  expect(errors).toEqual([`2:5: failed to initialize modules: module "s": ${message}`]);
});

test.each([
  ["announced", (size: number) => `Content-Length: ${size}\r\n\r\n${"x".repeat(size)}`],
  [
    "chunked",
    (size: number) => `Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${"x".repeat(size)}\r\n0\r\n\r\n`,
  ],
])("a body that is %s to be larger than maxBodyBytes is refused", async (_, body) => {
  await using server = await serve(withSettings(", maxBodyBytes: 1KiB", readsBody));
  const head = "POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  expect((await rawRequest(server, head + body(1024))).status).toBe(200);
  const refused = await rawRequest(server, head + body(1025));
  expect(refused.status).toBe(413);
  expect(JSON.parse(refused.body)).toEqual({ error: "the request body is larger than 1024 bytes" });
});

test("a body that does not arrive within readTimeout is given up", async () => {
  await using server = await serve(withSettings(", readTimeout: 20ms", readsBody));
  const head = "POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const slow = await rawRequest(server, `${head}Content-Length: 50000\r\n\r\n{"a"`);
  expect(slow.status).toBe(408);
  expect(JSON.parse(slow.body)).toEqual({ error: "the request body did not arrive within 20 ms" });
});

const forwarding = (url: string) => `
  - { name: proxy, type: http.simple_proxy, config: { targets: { /: "${url}" } } }
workflows: { http: { routes: [{ method: GET, path: /, handler: proxy }] } }
`;

test("a response that has not begun within writeTimeout is replaced by 504, with an id", async () => {
  using backend = startBackend("slow", () => new Promise<Response>(() => {}));
  await using server = await serve(withSettings(", writeTimeout: 50ms", forwarding(backend.url)));
  const answer = await server.get("/x");
  expect(answer.status).toBe(504);
  expect(await answer.json()).toEqual({ error: "the request took too long", id: expect.any(String) });
});

test("an idle connection is closed after idleTimeout", async () => {
  await using server = await serve(withSettings(", idleTimeout: 1s"));
  const socket = rawConnection(server);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.on("close", () => resolve());
  socket.resume();
  socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await closed;
}, 15_000);

const showsClient = `
pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /client } }
    steps:
      - { name: a, type: step.json_response, config: { body: { client: "{{ .meta._http_request.RemoteAddr }}" } } }
`;

test.each([
  ["", "203.0.113.9", "203.0.113.9"],
  ["", "198.51.100.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"],
  ["", "made-up, 10.0.0.1", "made-up"],
  [', trustedProxies: ""', "203.0.113.9", "127.0.0.1"],
  [', trustedProxies: "10.0.0.0/8"', "203.0.113.9", "127.0.0.1"],
  [', trustedProxies: "127.0.0.1"', "198.51.100.1, 10.0.0.1", "10.0.0.1"],
])("with the settings %p and X-Forwarded-For: %s the client is %s", async (settings, forwarded, client) => {
  await using server = await serve(withSettings(settings, showsClient));
  expect(await (await server.get("/client", { "x-forwarded-for": forwarded })).json()).toEqual({ client });
});

test("trustedProxies that are no addresses are refused", async () => {
  expect((await check(withSettings(', trustedProxies: "everyone"'))).errors).toEqual([
    `${failed}"everyone" is not an address, a CIDR block, "loopback" or "private"`,
  ]);
});

const certificates: Certificates = makeCertificates();
const files: ServeOptions = {
  files: {
    "cert.pem": certificates.server.cert,
    "key.pem": certificates.server.key,
    "ca.pem": certificates.authority.cert,
  },
};

/** Calls a TLS server that presents a certificate for `localhost`. */
async function secure(url: string, path: string, client?: { readonly cert: string; readonly key: string }) {
  return fetch(url.replace("http:", "https:") + path, {
    tls: { ca: certificates.authority.cert, ...client },
    keepalive: false,
  });
}

test("with certificate and key from files the server speaks TLS", async () => {
  const tls = ", tls: { mode: manual, manual: { cert_file: cert.pem, key_file: key.pem } }";
  using backend = startBackend("b");
  await using server = await serve(withSettings(tls, forwarding(backend.url)), files);
  expect((await secure(server.url, "/livez")).status).toBe(200);
  expect((await secure(server.url, "/x")).status).toBe(200);
  expect(backend.seen[0]?.headers.get("x-forwarded-proto")).toBe("https");
});

test("tls mode disabled is plain HTTP", async () => {
  const tls = ", tls: { mode: disabled, manual: { cert_file: cert.pem, key_file: key.pem } }";
  await using server = await serve(withSettings(tls), files);
  expect((await server.get("/livez")).status).toBe(200);
});

test.each([
  ["manual: { cert_file: cert.pem, key_file: key.pem, ca_file: ca.pem, client_auth: require }", false],
  ["manual: { cert_file: cert.pem, key_file: key.pem }, client_ca_file: ca.pem, client_auth: require", false],
  ["manual: { cert_file: cert.pem, key_file: key.pem, ca_file: ca.pem, client_auth: request }", true],
  ["manual: { cert_file: cert.pem, key_file: key.pem, ca_file: ca.pem }", true],
])("with { %s } a client without a certificate may call: %p", async (tls, mayCall) => {
  await using server = await serve(withSettings(`, tls: { ${tls} }`), files);
  expect((await secure(server.url, "/livez", certificates.client)).status).toBe(200);
  const anonymous = secure(server.url, "/livez").then(
    ({ status }) => status,
    () => "refused",
  );
  expect(await anonymous).toBe(mayCall ? 200 : "refused");
});

test.each([
  ["{ mode: autocert }", `${failed}http.server "server": tls mode autocert is not available`],
  ["{ mode: manual }", `${failed}http.server "server": tls.manual with cert_file and key_file is required`],
  [
    "{ manual: { cert_file: cert.pem } }",
    '4:54: modules[0].config.tls.manual.key_file: required config field "key_file" is missing',
  ],
])("the tls settings %s are refused", async (tls, message) => {
  expect((await check(withSettings(`, tls: ${tls}`), files)).errors).toEqual([message]);
});

test("a certificate file that is missing is named", async () => {
  const { errors } = await check(withSettings(", tls: { manual: { cert_file: none.pem, key_file: none.pem } }"));
  expect(errors).toHaveLength(2);
  expect(errors[0]).toStartWith(
    '4:67: modules[0].config.tls.manual.cert_file: config field "cert_file" file "none.pem" cannot be read: ',
  );
});

test("requests in flight are answered when the server closes", async () => {
  const asked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  using backend = startBackend("slow", async () => {
    asked.resolve();
    await release.promise;
    return new Response("late");
  });
  const server = await serve(withSettings("", forwarding(backend.url)));
  const waiting = server.get("/x");
  await asked.promise;
  const closing = server[Symbol.asyncDispose]();
  release.resolve();
  expect(await (await waiting).text()).toBe("late");
  await closing;
});

test("HTTP/1.0 without a Host is served, and its client is known", async () => {
  await using server = await serve(withSettings("", showsClient));
  const answer = await rawRequest(server, "GET /client HTTP/1.0\r\n\r\n");
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({ client: "127.0.0.1" });
});

test("a connection serves several requests", async () => {
  await using server = await serve(withSettings("", showsClient));
  const socket = rawConnection(server);
  const one = "GET /client HTTP/1.1\r\nHost: localhost\r\n\r\n";
  socket.write(one + one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  const answer = await rawAnswer(socket);
  expect(answer.status).toBe(200);
});
