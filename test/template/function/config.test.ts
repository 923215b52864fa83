import { expect, test } from "bun:test";
import { defineFunction } from "../../../src/template/define_function.ts";
import config from "../../../src/template/function/config.ts";
import { render } from "../fixture.ts";

test("without a provider every key is empty", () => expect(render('[{{ config "region" }}]')).toBe("[]"));

test("a caller with a provider passes its own function", () => {
  const values = new Map([["region", "eu"]]);
  const own = defineFunction({ ...config, call: ([key]) => values.get(String(key)) ?? "" });
  expect(render('{{ config "region" }}{{ config "nope" }}', {}, { functions: { config: own } })).toBe("eu");
});
