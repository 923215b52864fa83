import { expect, test } from "bun:test";
import { render } from "../fixture.ts";

test.each([
  ["{{ json .map }}", '{"a":[1,null],"b":"x"}'],
  ["{{ .missing | json }}", "null"],
  ['{{ json "<&>" }}', '"\\u003c\\u0026\\u003e"'],
  ["{{ json 1000000 }}", "1000000"],
  ["{{ json true }}", "true"],
])("%s is %s", (text, expected) => expect(render(text, { map: { b: "x", a: [1, null] } })).toBe(expected));

test("what cannot be encoded is an empty object", () => {
  const list: unknown[] = [];
  list.push(list);
  expect(render("{{ json .list }}", { list })).toBe("{}");
});
