import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchAt, publicAddress } from "../../../src/plugin/integration/address_guard.ts";

const message = "SSRF protection: request to private/internal IP address is not allowed";

test.each([
  ["http://example.test/x", ["93.184.216.34"], "93.184.216.34"],
  ["https://example.test", ["2606:2800:220:1::1", "93.184.216.34"], "2606:2800:220:1::1"],
  ["http://93.184.216.34/", [], "93.184.216.34"],
  ["http://[2606:2800:220:1::1]/", [], "2606:2800:220:1::1"],
])("%s, which resolves to %p, is called at %s", async (url, addresses, expected) => {
  expect(await publicAddress(new URL(url), async () => addresses)).toBe(expected);
});

test.each([
  "10.1.2.3",
  "172.16.0.1",
  "192.168.1.1",
  "127.0.0.2",
  "0.0.0.0",
  "100.64.0.1",
  "169.254.169.254",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::1",
  "::",
  "fe80::1",
  "fe80::1%eth0",
  "fd00::1",
  "ff02::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
])("a host that resolves to %s is refused, also beside a public address", async (address) => {
  const resolve = async () => ["93.184.216.34", address];
  await expect(publicAddress(new URL("http://example.test/"), resolve)).rejects.toMatchObject({
    message: `${message}: example.test resolves to ${address}`,
  });
});

test.each([
  ["http://2130706433/", "127.0.0.1"],
  ["http://0x7f.1/", "127.0.0.1"],
  ["http://0177.0.0.1/", "127.0.0.1"],
])("an address written as %s is refused", async (url, address) => {
  await expect(publicAddress(new URL(url), async () => [])).rejects.toMatchObject({
    message: `${message}: ${address} resolves to ${address}`,
  });
});

test("a host that cannot be resolved says so", async () => {
  const unknown = () => Promise.reject(new Error("no such name"));
  await expect(publicAddress(new URL("http://gone.test/"), unknown)).rejects.toMatchObject({
    code: "step.upstream",
    message: "host gone.test cannot be resolved: no such name",
  });
  await expect(publicAddress(new URL("http://gone.test/"), async () => [])).rejects.toMatchObject({
    message: "host gone.test has no address",
  });
});

let directory = "";
let ca = "";
let key = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "workflow-tls-"));
  const files = ["-keyout", join(directory, "key.pem"), "-out", join(directory, "cert.pem")];
  const subject = ["-subj", "/CN=api.example.test", "-addext", "subjectAltName=DNS:api.example.test"];
  const made = Bun.spawnSync([
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    ...files,
    ...subject,
  ]);
  expect(made.exitCode).toBe(0);
  ca = readFileSync(join(directory, "cert.pem"), "utf8");
  key = readFileSync(join(directory, "key.pem"), "utf8");
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const request = { method: "GET", headers: {}, signal: new AbortController().signal };

test("a request goes to the address that was checked, under the name of the URL", async () => {
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ headers }) => new Response(headers.get("host")),
  });
  const url = new URL(`http://no-such-host.invalid:${server.port}/x`);
  const answer = await fetchAt("127.0.0.1", url, request);
  expect(await answer.text()).toBe(`no-such-host.invalid:${server.port}`);
});

test("over TLS the certificate must be that of the URL's host, whatever the address", async () => {
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: ca, key },
    fetch: ({ headers }) => new Response(headers.get("host")),
  });
  const good = new URL(`https://api.example.test:${server.port}/`);
  const answer = await fetchAt("127.0.0.1", good, { ...request, ca });
  expect(await answer.text()).toBe(`api.example.test:${server.port}`);
  const other = new URL(`https://other.example.test:${server.port}/`);
  await expect(fetchAt("127.0.0.1", other, { ...request, ca })).rejects.toMatchObject({
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
  await expect(fetchAt("127.0.0.1", good, request)).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
});
