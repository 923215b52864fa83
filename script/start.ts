// Builds the server and runs it on the example configuration; further arguments go to the server.
import { runChild } from "./child.ts";
import { buildInChild } from "./build_child.ts";
import { executablePath } from "./executable.ts";
import { prepareToolchain } from "./toolchain.ts";

const exampleConfig = "example/order-processing-pipeline.yaml";
const order = '{"customer":"Ada","items":[{"sku":"A-1","quantity":2}]}';

const given = process.argv.slice(2);
const namesConfig = given.some((argument) => /^--?config(=|$)/.test(argument));
await prepareToolchain();
await buildInChild();
if (!namesConfig) {
  console.log(`
Engine       http://localhost:8080/healthz
Management   http://localhost:8081/

Try it:
  curl -X POST http://localhost:8080/api/orders -H 'Content-Type: application/json' -d '${order}'

Ctrl-C stops the server.
`);
}
const args = namesConfig ? given : ["-config", exampleConfig, ...given];
process.exitCode = await runChild([executablePath, ...args]);
