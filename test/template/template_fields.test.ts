import { expect, test } from "bun:test";
import { templateFields, templateFieldsOf, type TemplateFieldMap } from "../../src/template/template_fields.ts";
import { errorOf, render } from "./fixture.ts";

class HeaderView {
  readonly secret = "s3cret";
  readonly #values: Readonly<Record<string, string>>;

  constructor(values: Readonly<Record<string, string>>) {
    this.#values = values;
  }

  get [templateFields](): TemplateFieldMap {
    return headerFields;
  }

  get(name: string): string {
    return this.#values[name] ?? "";
  }
}

const headerFields = templateFieldsOf(HeaderView, {
  Get: (self, name) => {
    if (typeof name !== "string") throw new Error("Get takes the name of a header");
    return self.get(name);
  },
  Size: () => 1,
});

const queryFields: TemplateFieldMap = new Map([
  ["Get", (self: unknown, name: unknown) => Reflect.get(Object(self), String(name))?.[0] ?? ""],
  ["", () => []],
]);
const query = Object.defineProperty({ page: ["2", "3"], Get: ["evil"] }, templateFields, { value: queryFields });

const data = { request: { Header: new HeaderView({ "X-Id": "17" }) }, query };

test.each([
  ['{{ .request.Header.Get "X-Id" }}', "17"],
  ['{{ "X-Id" | .request.Header.Get }}', "17"],
  ['{{ (.request.Header).Get "X-Id" }}', "17"],
  ['{{ $h := .request.Header }}{{ $h.Get "X-Id" }}', "17"],
  ['{{ with .request }}{{ .Header.Get "X-Id" }}{{ end }}', "17"],
  ['{{ with .request.Header }}{{ .Get "X-Id" }}{{ end }}', "17"],
  ["{{ .request.Header.Size }}", "1"],
  ["{{ .query.page }}", "[2 3]"],
  ["{{ index .query.page 0 }}", "2"],
  ['{{ index .query "page" }}', "[2 3]"],
  ['{{ .query.Get "page" }}', "2"],
  ["{{ .query.none }}", "[]"],
  ['{{ index .query "none" }}', "[]"],
  ["{{ .query }}", "map[Get:[evil] page:[2 3]]"],
  ["{{ .request.Header }}", "<object>"],
])("%s renders %s", (text, expected) => expect(render(text, data)).toBe(expected));

test.each([
  ["{{ .request.Header.secret }}", "can't evaluate field secret in type interface {}"],
  ["{{ .request.Header.get }}", "can't evaluate field get in type interface {}"],
  ["{{ .request.Header.constructor }}", "can't evaluate field constructor in type interface {}"],
  ["{{ .request.Header.Get 3 }}", "Get takes the name of a header"],
  ['{{ index .request.Header "secret" }}', "can't index item of type object"],
  ['{{ .query.page "x" }}', "page is not a method but has arguments"],
])("%s is refused: %s", (text, message) => expect(errorOf(text, data)).toContain(message));

test("an object of a class without template fields shows nothing", () => {
  class Session {
    readonly token = "s3cret";
  }
  expect(errorOf("{{ .session.token }}", { session: new Session() })).toContain("can't evaluate field token");
});

test("the functions step and trigger do not descend into such objects", () => {
  const text = '{{ step "query" "page" }}';
  expect(render(text, { steps: { query } })).toBe("<no value>");
});
