/** Work that is sent to the server, and what must have come of it in the end. */
export interface Scenario {
  /** Name of its pipeline, and path of its trigger. */
  readonly name: string;
  /** How its run ends. */
  readonly end: "completed" | "failed";
  /** Calls that the run makes. */
  readonly effects: readonly string[];
  /** Signal that the run waits for. */
  readonly signal?: string;
  /** Calls that may be under way in one run at once, and are then made again. */
  readonly inFlight: number;
}

/** Items of the loops. */
const items = ["0", "1", "2", "3", "4", "5"];

/** What crashes are tried on. */
export const scenarios = {
  writes: { name: "writes", end: "completed", effects: ["one", "two", "three"], inFlight: 1 },
  strict: { name: "strict", end: "completed", effects: ["one", "two"], inFlight: 1 },
  request: { name: "request", end: "completed", effects: ["one", "two", "three"], inFlight: 1 },
  saga: { name: "saga", end: "failed", effects: ["reserve", "charge", "refund", "cancel"], inFlight: 1 },
  loop: { name: "loop", end: "completed", effects: [...items.map((item) => `each/${item}`), "last"], inFlight: 6 },
  nap: { name: "nap", end: "completed", effects: ["one", "two", "three"], inFlight: 1 },
  approval: { name: "approval", end: "completed", effects: ["ask", "tell"], signal: "approve", inFlight: 1 },
  call: { name: "call", end: "completed", effects: ["one", "inner", "outer", "two"], inFlight: 1 },
  letter: { name: "letter", end: "failed", effects: ["one"], inFlight: 1 },
} as const satisfies Readonly<Record<string, Scenario>>;

const body = (value: string) => `{ work: "{{ ${value} }}" }`;

/** A configuration with the pipelines of all scenarios, whose steps call the effect service at `url`. */
export function crashConfig(url: string): string {
  const call = (name: string, path = `do/${name}`, value = ".trigger.body.work") => {
    const config = `{ url: "${url}/${path}", method: POST, egress: { allow: [loopback] }, body: ${body(value)} }`;
    return `      - { name: ${name}, type: step.http_call, config: ${config} }`;
  };
  const trigger = (name: string) =>
    `    trigger: { type: http, config: { path: /${name}, method: POST, async: true } }\n    steps:`;
  return `modules:
  - { name: server, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router, dependsOn: [server] }
pipelines:
  writes:
${trigger("writes")}
${call("one")}
      - { name: note, type: step.set, config: { values: { noted: "yes" } } }
${call("two")}
${call("three")}
  strict:
    durability: strict
${trigger("strict")}
      - { name: note, type: step.set, config: { values: { noted: "yes" } } }
${call("one")}
      - { name: again, type: step.set, config: { values: { noted: "twice" } } }
${call("two")}
  request:
    durability: durable
    trigger: { type: http, config: { path: /request, method: POST } }
    steps:
${call("one")}
${call("two")}
${call("three")}
      - { name: answer, type: step.json_response, config: { status: 201, body: { work: "{{ .trigger.body.work }}" } } }
  saga:
    on_error: compensate
${trigger("saga")}
${call("reserve")}
${call("charge")}
${call("ship", "refuse/ship")}
    compensation:
${call("cancel")}
${call("refund")}
  loop:
${trigger("loop")}
      - name: each
        type: step.foreach
        config:
          collection: body.items
          concurrency: 2
          step:
            type: step.http_call
            name: item
            url: "${url}/do/each/{{ .item }}"
            method: POST
            egress: { allow: [loopback] }
            body: ${body(".trigger.body.work")}
${call("last")}
  nap:
${trigger("nap")}
${call("one")}
      - { name: brief, type: step.sleep, config: { duration: 100ms } }
${call("two")}
      - { name: long, type: step.sleep, config: { duration: 1100ms } }
${call("three")}
  approval:
${trigger("approval")}
${call("ask")}
      - { name: wait, type: step.wait_for_signal, config: { signal: approve } }
${call("tell")}
  call:
${trigger("call")}
${call("one")}
      - { name: child, type: step.workflow_call, config: { workflow: called, input: { work: "{{ .trigger.body.work }}" } } }
${call("two")}
  called:
    steps:
${call("inner", "do/inner", ".trigger.work")}
${call("outer", "do/outer", ".trigger.work")}
  letter:
${trigger("letter")}
${call("one")}
      - { name: check, type: step.validate, config: { required_fields: [nothing] } }
  plain:
    durability: none
    trigger: { type: http, config: { path: /plain, method: GET } }
    steps:
      - { name: answer, type: step.json_response, config: { body: { ok: true } } }
`;
}

/** The body of the request that starts a scenario. */
export function workBody(work: string): string {
  return JSON.stringify({ work, items });
}
