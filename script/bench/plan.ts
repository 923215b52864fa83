import { readFileSync } from "node:fs";
import { loadConfigText } from "../../src/config/load.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { makeRegistry } from "../../src/plugin/index.ts";

const routeCount = 10_000;

/** Plans a configuration of 10,000 routes; parsing and planning are reported apart. Medians of five. */
export async function measurePlan(): Promise<string> {
  const routes = Array.from(
    { length: routeCount },
    (_, index) => `      - { method: GET, path: "/area${index % 100}/thing${index}/{id}", handler: hello }`,
  );
  const text = `modules:
  - { name: server, type: http.server, config: { address: ":8080" } }
  - { name: router, type: http.router, dependsOn: [server] }
  - { name: hello, type: http.handler, dependsOn: [router] }
workflows:
  http:
    routes:
${routes.join("\n")}
`;
  const registry = makeRegistry();
  const parse: number[] = [];
  const plan: number[] = [];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    const config = loadConfigText(text, "bench.yaml", process.cwd());
    const parsed = performance.now();
    makePlan(config, {
      registry,
      environment: {},
      workDir: process.cwd(),
      readFile: (path) => readFileSync(path, "utf8"),
    });
    parse.push(parsed - start);
    plan.push(performance.now() - parsed);
  }
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[2] ?? 0;
  const [parsed, planned] = [median(parse).toFixed(0), median(plan).toFixed(0)];
  return `${routeCount} routes: parsed in ${parsed} ms, planned in ${planned} ms (target ≤ 500)`;
}
