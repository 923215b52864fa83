/** The ports that the configurations of the campaign name. */
export interface CampaignPorts {
  /** Of the server that is under load, in every configuration. */
  readonly main: number;
  /** The second server is at one of these, or absent. */
  readonly extra: readonly [number, number];
  /** Somebody else has it. */
  readonly taken: number;
}

/** A configuration and what must be true once it runs, or how it is refused. */
export interface CampaignConfig {
  readonly yaml: string;
  readonly version: number;
  /** A route that this configuration has and the one before has not. */
  readonly path: string;
  readonly extraPort: number | undefined;
}

/**
 * Names of routes and pipelines come again after so many versions. Every name stands in the metrics from then on, so
 * that memory would grow if each were new.
 */
const slots = 20;

const pathOf = (version: number): string => `/version/${version % slots}`;

/** A valid configuration: routes carry its number, and the second server moves, or goes and comes back. */
export function validConfig(version: number, ports: CampaignPorts): CampaignConfig {
  const extraPort = version % 3 === 0 ? undefined : ports.extra[version % 2];
  return {
    yaml: yamlOf(version, { ports, extraPort, modules: "", steps: "" }),
    version,
    path: pathOf(version),
    extraPort,
  };
}

/** A configuration that must be refused, each time for another reason: syntax, plan, build, start, binding. */
export function invalidConfig(version: number, ports: CampaignPorts): { readonly yaml: string; readonly why: string } {
  const parts = { ports, extraPort: ports.extra[0], modules: "", steps: "" };
  const bad = (why: string, change: Partial<typeof parts>) => ({ why, yaml: yamlOf(version, { ...parts, ...change }) });
  const reasons = [
    { why: "syntax", yaml: "modules: [ { name: a\n" },
    bad("dependency that is not defined", {
      modules: "  - { name: lost, type: http.handler, dependsOn: [nowhere] }\n",
    }),
    bad("step type that is not known", { steps: "      - { name: odd, type: step.no_such }\n" }),
    bad("module that does not start", {
      modules: "  - { name: files, type: static.fileserver, config: { root: workflow.yaml } }\n",
    }),
    bad("port that somebody else has", { extraPort: ports.taken }),
    bad("two servers on one port", { extraPort: ports.main }),
  ];
  return reasons[version % reasons.length] ?? { why: "syntax", yaml: "[" };
}

interface Parts {
  readonly ports: CampaignPorts;
  readonly extraPort: number | undefined;
  /** More lines below `modules:`. */
  readonly modules: string;
  /** More steps of a pipeline. */
  readonly steps: string;
}

function yamlOf(version: number, { ports, extraPort, modules, steps }: Parts): string {
  const extraModules =
    extraPort === undefined
      ? ""
      : `  - { name: extraServer, type: http.server, config: { address: "127.0.0.1:${extraPort}" } }
  - { name: extraRouter, type: http.router, dependsOn: [extraServer] }
`;
  const extraRoutes =
    extraPort === undefined
      ? ""
      : `  http-extra: { router: extraRouter, routes: [{ method: GET, path: /extra, handler: hello }] }
`;
  const slot = version % slots;
  const path = pathOf(version);
  return `# Configuration ${version}
modules:
  - { name: server, type: http.server, config: { address: "127.0.0.1:${ports.main}" } }
  - { name: router, type: http.router, dependsOn: [server] }
  - { name: hello, type: http.handler }
  - { name: notes, type: api.handler, config: { resourceName: notes } }
  - { name: bus, type: messaging.broker }
  - { name: ticked, type: messaging.handler }
  - { name: limit, type: http.middleware.ratelimit, config: { burstSize: ${100 + version}, requestsPerMinute: 60000 } }
${extraModules}${modules}workflows:
  http:
    router: router
    routes:
      - { method: GET, path: "/notes/{id}", handler: notes }
      - { method: POST, path: /notes, handler: notes }
      - { method: GET, path: "/limited/${slot}", handler: hello, middlewares: [limit] }
${extraRoutes}  messaging:
    subscriptions: [{ topic: ticks, handler: ticked }]
pipelines:
  steady:
    trigger: { type: http, config: { method: GET, path: /steady } }
    steps:
      - { name: answer, type: step.json_response, config: { body: { answer: steady, version: ${version} } } }
  greet:
    trigger: { type: http, config: { method: POST, path: /greet } }
    steps:
      - { name: read, type: step.request_parse, config: { parse_body: true } }
      - { name: make, type: step.set, config: { values: { greeting: "Hello, {{ .steps.read.body.name }}" } } }
${steps}      - { name: answer, type: step.json_response, config: { body_from: steps.make } }
  version-${slot}:
    trigger: { type: http, config: { method: GET, path: "${path}" } }
    steps:
      - { name: answer, type: step.json_response, config: { body: { version: ${version} } } }
  tick:
    trigger: { type: schedule, config: { cron: "@every 1s" } }
    steps:
      - { name: tell, type: step.publish, config: { broker: bus, topic: ticks, payload: { version: ${version} } } }
`;
}
