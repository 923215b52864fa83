// What a careful developer writes by hand with Bun alone for the same three routes: the ceiling the engine is measured
// against. Prints its port.
const json = { "content-type": "application/json" };

interface Order {
  readonly customer?: unknown;
  readonly email?: unknown;
  readonly amount?: unknown;
}

function reject(message: string): Response {
  return new Response(JSON.stringify({ error: message }), { status: 400, headers: json });
}

async function order(request: Request): Promise<Response> {
  let body: Order;
  try {
    body = (await request.json()) as Order;
  } catch {
    return reject("invalid JSON");
  }
  if (typeof body.customer !== "string" || body.customer === "") return reject("customer is required");
  if (typeof body.email !== "string" || !/^[^\s@]+@[^\s@]+$/.test(body.email)) return reject("email is invalid");
  if (typeof body.amount !== "number" || body.amount < 1) return reject("amount is invalid");
  const summary = `${body.customer} <${body.email.toLowerCase()}>`;
  const tier = body.amount >= 100 ? "large" : "small";
  const answer = { amount: body.amount, status: "accepted", summary, tier };
  return new Response(`${JSON.stringify(answer)}\n`, { status: 201, headers: json });
}

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    const path = new URL(request.url).pathname;
    if (request.method === "GET" && path === "/static") {
      const body = '{"handler":"hello","message":"Default handler response","status":"success"}\n';
      return new Response(body, { headers: json });
    }
    if (request.method === "GET" && path.startsWith("/users/")) {
      const id = decodeURIComponent(path.slice("/users/".length));
      return new Response(`${JSON.stringify({ id, kind: "user" })}\n`, { headers: json });
    }
    if (request.method === "POST" && path === "/orders") return order(request);
    return new Response("not found\n", { status: 404 });
  },
});
console.log(server.port);
