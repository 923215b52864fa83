// The durable order of ../program/durable.yaml as a Restate service, run by Node.js. Takes the folder that the SDK is
// installed in and the port to listen on.
import { createRequire } from "node:module";
import { join } from "node:path";

// The SDK expects it; Node.js has it from version 22 on.
Promise.withResolvers ??= function withResolvers() {
  let resolve;
  let reject;
  const promise = new Promise((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
};

const [folder, port] = process.argv.slice(2);
const restate = createRequire(join(folder, "package.json"))("@restatedev/restate-sdk");

const cache = new Map();

function kept(key, value) {
  cache.set(key, value);
  return { cached: true };
}

const shop = restate.service({
  name: "shop",
  handlers: {
    async order(context, body) {
      await context.run("reserve", () => kept("reserved", body.order));
      await context.run("charge", () => kept("charged", body.order));
      await context.run("ship", () => kept("shipped", body.order));
      return { order: body.order, status: "shipped" };
    },
  },
});

await restate.serve({ services: [shop], port: Number(port) });
