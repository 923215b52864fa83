import { expect, test } from "bun:test";
import { decideAccess } from "../../src/management/access.ts";

const decide = (peer: string, headers: Readonly<Record<string, string>>, isOpen = false) =>
  decideAccess({ peer, headers: new Headers(headers), isOpen });
const local = { host: "localhost:8081" };

test.each([
  ["from this machine", "127.0.0.1", local, "allowed"],
  ["over IPv6", "::1", { host: "[::1]:8081" }, "allowed"],
  ["over a mapped address", "::ffff:127.0.0.1", { host: "127.0.0.1" }, "allowed"],
  ["to a name below localhost", "127.0.0.1", { host: "admin.localhost:8081" }, "allowed"],
  ["to a host in capitals", "127.0.0.1", { host: "LOCALHOST" }, "allowed"],
  ["from a page of this machine", "127.0.0.1", { ...local, origin: "http://localhost:5173" }, "allowed"],
  ["from the same origin", "127.0.0.1", { ...local, "sec-fetch-site": "same-origin" }, "allowed"],
  ["from another machine", "192.0.2.1", local, "unauthorized"],
  ["from an unknown peer", "", local, "unauthorized"],
  ["to another host", "127.0.0.1", { host: "evil.example" }, "unauthorized"],
  ["to a host that only begins right", "127.0.0.1", { host: "localhost.evil.example" }, "unauthorized"],
  ["to a host with a user", "127.0.0.1", { host: "localhost:8081@evil.example" }, "unauthorized"],
  ["to all interfaces", "127.0.0.1", { host: "0.0.0.0:8081" }, "unauthorized"],
  ["without a host", "127.0.0.1", {}, "unauthorized"],
  ["from a foreign page", "127.0.0.1", { ...local, origin: "https://evil.example" }, "unauthorized"],
  ["from a page of an opaque origin", "127.0.0.1", { ...local, origin: "null" }, "unauthorized"],
  ["from an extension", "127.0.0.1", { ...local, origin: "chrome-extension://abc" }, "unauthorized"],
  ["from another site", "127.0.0.1", { ...local, "sec-fetch-site": "cross-site" }, "unauthorized"],
  ["through a proxy that says so", "127.0.0.1", { ...local, forwarded: "for=127.0.0.1" }, "unauthorized"],
  ["through a proxy that names the client", "127.0.0.1", { ...local, "x-forwarded-for": "127.0.0.1" }, "unauthorized"],
  ["through a proxy that names the host", "127.0.0.1", { ...local, "x-forwarded-host": "localhost" }, "unauthorized"],
  ["through a proxy that names the port", "127.0.0.1", { ...local, "x-forwarded-port": "443" }, "unauthorized"],
  ["through a proxy that names the address", "127.0.0.1", { ...local, "x-real-ip": "127.0.0.1" }, "unauthorized"],
  ["through a gateway", "127.0.0.1", { ...local, via: "1.1 gateway" }, "unauthorized"],
  ["with a token that nobody issued", "127.0.0.1", { ...local, authorization: "Bearer x" }, "unauthorized"],
])("a request %s", (_what, peer, headers, expected) => {
  expect(decide(peer, headers as Record<string, string>)).toBe(expected as "allowed" | "unauthorized");
});

test.each([
  ["192.0.2.1", { host: "admin.example" }, "allowed"],
  ["127.0.0.1", { ...local, origin: "https://evil.example" }, "allowed"],
  ["192.0.2.1", { host: "admin.example", authorization: "Bearer x" }, "unauthorized"],
])("when it is open, a request from %s with %j is %s", (peer, headers, expected) => {
  expect(decide(peer, headers as Record<string, string>, true)).toBe(expected as "allowed" | "unauthorized");
});
