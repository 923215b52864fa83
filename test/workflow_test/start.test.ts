import { describe, expect, test } from "bun:test";
import { failuresOf, lines } from "./run_tests.ts";

const config = `modules:
  - { name: server, type: http.server, config: { address: ":8080" } }
  - { name: router, type: http.router, dependsOn: [server] }
  - { name: inside, type: http.server, config: { address: ":8090" } }
  - { name: inner, type: http.router, dependsOn: [inside] }
  - { name: ids, type: http.middleware.requestid }
pipelines:
  greet:
    trigger: { type: http, config: { method: POST, path: "/greet/{name}", router: router, middlewares: [ids] } }
    steps:
      - { name: count, type: step.set, config: { values: { n: "{{ .body.n }}" } } }
      - name: answer
        type: step.json_response
        config: { status: 201, headers: { X-Count: "3" }, body: { hello: "{{ .name }}", list: [{ a: 1 }] } }
  later:
    trigger: { type: http, config: { method: POST, path: /later, router: router, async: true } }
    steps:
      - { name: rest, type: step.sleep, config: { duration: 72h } }
      - { name: say, type: step.log, config: { message: rested } }
  own:
    trigger: { type: http, config: { method: GET, path: /own, router: inner } }
    steps: [{ name: answer, type: step.raw_response, config: { content_type: text/plain, body: "own page" } }]
`;

describe("a request goes through route, middleware and trigger", () => {
  test.each<[string, string]>([
    [
      "its body and path count",
      lines(
        "request: { method: POST, path: /greet/Ada, body: { n: 3 } }",
        "expect: { response: { status: 201, body: { hello: Ada } } }",
      ),
    ],
    [
      "headers are compared by any case, as texts",
      lines(
        "request: { method: POST, path: /greet/Ada, body: { n: 3 } }",
        "expect: { response: { headers: { x-count: 3, X-Request-Id: { $any: true } } } }",
      ),
    ],
    [
      "values are found by their path",
      lines(
        "request: { method: POST, path: /greet/Ada, body: {} }",
        "expect: { response: { json: { list.0.a: 1, list.1: { $absent: true } } } }",
      ),
    ],
    ["a path that nobody serves is not found", "request: { path: /nowhere }\nexpect: { response: { status: 404 } }"],
    [
      "a method that is not served is refused",
      "request: { method: DELETE, path: /greet/Ada }\nexpect: { response: { status: 405, headers: { allow: POST } } }",
    ],
    [
      "headers of the request are sent",
      lines(
        "request: { method: POST, path: /greet/Ada, headers: { X-Request-ID: r-1 }, body: {} }",
        "expect: { response: { headers: { X-Request-ID: r-1 } } }",
      ),
    ],
    [
      "a text is sent as it stands",
      lines(
        `request: { method: POST, path: /greet/Ada, headers: { content-type: application/json }, body: '{"n": 4}' }`,
        `expect: { outputs: { count: { n: "4" } } }`,
      ),
    ],
    [
      "another server is named",
      lines(
        "request: { path: /own, server: inside }",
        "expect: { response: { body_text: own page, headers: { content-type: /plain/ } } }",
      ),
    ],
    [
      "a run that goes on by itself is followed",
      lines(
        "request: { method: POST, path: /later, body: {} }",
        "expect: { status: completed, response: { status: 202 }, path: [rest, say], log: [rested] }",
      ),
    ],
  ])("%s", async (_, written) => {
    expect(await failuresOf(config, written)).toEqual([]);
  });

  test.each<[string, readonly string[]]>([
    [
      "request: { path: /own, server: insid }\nexpect: { response: { status: 200 } }",
      ['4:34 no server is named "insid" (did you mean "inside"?)'],
    ],
    ["request: { path: /own }\nexpect: { response: { status: 200 } }", ["5:31 response.status: expected 200, got 404"]],
    ["request: { path: /nowhere }\nexpect: { status: completed }", ["5:23 status: expected completed, got no run"]],
    [
      lines(
        "request: { method: POST, path: /greet/Ada, body: {} }",
        "expect: { response: { body_text: bye, headers: { X-No: 1 }, json: { list.0.a: 2 } } }",
      ),
      [
        '5:60 response.headers.X-No: expected "1", got nothing',
        '5:36 response.body_text: expected bye, got "{\\"hello\\":\\"Ada\\",\\"list\\":[{\\"a\\":1}]}\\n"',
        "5:81 response.json.list.0.a: expected 2, got 1",
      ],
    ],
  ])("%j", async (written, failures) => {
    const found = await failuresOf(config, written);
    expect(found.map(withoutPlace)).toEqual(failures.map(withoutPlace));
  });
});

function withoutPlace(text: string): string {
  return text.replace(/^\d+:\d+ /, "");
}

describe("a pipeline that answers requests is given one made of its input", () => {
  test.each<[string, string]>([
    [
      "with the body",
      lines(
        "pipeline: greet",
        "input: { name: Ada, body: { n: 5 } }",
        'expect: { response: { status: 201, body: { hello: Ada }, headers: { X-Count: 3 } }, result: { n: "5" } }',
      ),
    ],
    ["without one", "pipeline: own\nexpect: { response: { status: 200, body_text: own page } }"],
  ])("%s", async (_, written) => {
    expect(await failuresOf(config, written)).toEqual([]);
  });
});
