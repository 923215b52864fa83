import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../repository.ts";
import { freePort, type ServerUnderTest, startServer } from "./server.ts";

const folder = join(root, "dist/peers");

/** The Node-RED version that is compared with. */
export const nodeRedVersion = "5.0.7";

/** Node-RED 5 needs Node.js 22.9; the package of this version brings it where the system's is older. */
const nodeVersion = "22.22.0";

/** The same three routes as Node-RED flows: http in, a function or template, http out. */
function flows(): unknown[] {
  const flow = (id: string, method: string, url: string, code: string) => [
    { id: `${id}-in`, type: "http in", z: "tab", name: "", url, method, wires: [[`${id}-do`]] },
    { id: `${id}-do`, type: "function", z: "tab", name: "", func: code, outputs: 1, wires: [[`${id}-out`]] },
    { id: `${id}-out`, type: "http response", z: "tab", name: "", statusCode: "", wires: [] },
  ];
  return [
    { id: "tab", type: "tab", label: "bench" },
    ...flow("static", "get", "/static", "msg.payload = { handler: 'hello', status: 'success' }; return msg;"),
    ...flow("user", "get", "/users/:id", "msg.payload = { id: msg.req.params.id, kind: 'user' }; return msg;"),
    ...flow(
      "order",
      "post",
      "/orders",
      `const b = msg.payload;
if (!b.customer || !/^[^\\s@]+@[^\\s@]+$/.test(b.email) || !(b.amount >= 1)) {
  msg.statusCode = 400;
  msg.payload = { error: "invalid" };
  return msg;
}
msg.statusCode = 201;
const summary = b.customer + " <" + b.email.toLowerCase() + ">";
msg.payload = { amount: b.amount, status: "accepted", summary, tier: b.amount >= 100 ? "large" : "small" };
return msg;`,
    ),
  ];
}

/** Starts Node-RED with the same routes, or says how to install it. */
export async function startPeer(): Promise<ServerUnderTest | string> {
  const entry = join(folder, "node_modules/node-red/red.js");
  if (!existsSync(entry)) {
    const packages = `node-red@${nodeRedVersion} node@${nodeVersion}`;
    return `peer missing: Node-RED is not installed; npm install --prefix dist/peers ${packages}\n`;
  }
  const port = freePort();
  const home = join(folder, "home");
  mkdirSync(home, { recursive: true });
  await Bun.write(join(home, "flows.json"), JSON.stringify(flows()));
  const settings = {
    flowFile: "flows.json",
    uiPort: port,
    uiHost: "127.0.0.1",
    httpAdminRoot: false,
    logging: { console: { level: "warn" } },
  };
  await Bun.write(join(home, "settings.js"), `module.exports = ${JSON.stringify(settings)};\n`);
  const own = join(folder, "node_modules/node/bin/node");
  const command = [existsSync(own) ? own : "node", entry, "--userDir", home, "--settings", join(home, "settings.js")];
  return startServer("Node-RED", command, { port, path: "/static" });
}
