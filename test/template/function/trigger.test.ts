import { expect, test } from "bun:test";
import { compileTemplate } from "../../../src/template/template.ts";
import { exampleScope } from "../fixture.ts";

test.each([
  ['{{ trigger "path_params" "id" }}', "99"],
  ['{{ trigger "nope" "x" }}', "<no value>"],
  ['{{ trigger "tags" "0" }}', "<no value>"],
  ["{{ len trigger }}", "24"],
])("%s is %s", (text, expected) => expect(compileTemplate(text).render(exampleScope)).toBe(expected));
