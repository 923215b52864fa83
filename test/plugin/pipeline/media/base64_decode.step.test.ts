import { expect, test } from "bun:test";
import { check } from "../../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline } from "../fixture.ts";

const decode = (config: string) => `{ name: d, type: step.base64_decode, config: ${config} }`;
const base64 = (bytes: string) => Buffer.from(bytes, "latin1").toString("base64");

const png = base64("\x89PNG\r\n\x1a\nrest");
const jpeg = base64("\xff\xd8\xffrest");
const bad = (reason: string) => ({ valid: false, reason, content_type: "", extension: "", size_bytes: 0, data: "" });
const good = (content_type: string, extension: string, size_bytes: number, data: string) => ({
  valid: true,
  content_type,
  extension,
  size_bytes,
  data,
});

const cases: readonly [more: string, text: unknown, output: unknown][] = [
  ["", `data:image/png;base64,${png}`, good("image/png", ".png", 12, png)],
  ["", `DATA:Image/PNG;charset=x;BASE64,${png}`, good("image/png", ".png", 12, png)],
  ["", `data:;base64,${base64("hi")}`, good("text/plain", ".txt", 2, "aGk=")],
  ["", `data:application/x-unknown;base64,aGk`, good("application/x-unknown", ".bin", 2, "aGk=")],
  ["", png, bad('the data URI does not begin with "data:"')],
  ["", "data:image/png;base64", bad("the data URI has no comma before its data")],
  ["", "data:image/png,abc", bad("the data URI is not in base64")],
  ["", "data:image/png;base64,a*b", bad("the text is not valid base64")],
  ["", "", bad("the input is not text, or is empty")],
  ["", 7, bad("the input is not text, or is empty")],
  ["", undefined, bad('key "t" not found at path "body.t"')],
  [", format: raw_base64", png, good("image/png", ".png", 12, png)],
  [", format: raw_base64", "_-7_", good("text/plain", ".txt", 3, "/+7/")],
  [", format: raw_base64", "-_+/", bad("the text is not valid base64")],
  [", format: raw_base64", base64("\x00\x01"), good("application/octet-stream", ".bin", 2, "AAE=")],
  [", validate_magic_bytes: true", `data:image/png;base64,${png}`, good("image/png", ".png", 12, png)],
  [", validate_magic_bytes: true", `data:image/jpg;base64,${jpeg}`, good("image/jpeg", ".jpg", 7, jpeg)],
  [
    ", validate_magic_bytes: true",
    `data:image/png;base64,${jpeg}`,
    bad('the content is image/jpeg and not "image/png" as claimed'),
  ],
  [", allowed_types: [IMAGE/PNG, image/jpg]", `data:image/png;base64,${png}`, good("image/png", ".png", 12, png)],
  [", allowed_types: [image/jpg]", `data:image/jpeg;base64,${jpeg}`, good("image/jpeg", ".jpg", 7, jpeg)],
  [", allowed_types: [image/png]", `data:image/gif;base64,${png}`, bad('content type "image/gif" is not allowed')],
  [", max_size_bytes: 12", `data:image/png;base64,${png}`, good("image/png", ".png", 12, png)],
  [", max_size_bytes: 11", `data:image/png;base64,${png}`, bad("the content is larger than 11 bytes")],
];

test.each(cases)("with '%s', %j is judged", async (more, text, output) => {
  await using server = await servePipeline([decode(`{ input_from: body.t${more} }`), answerWith("d")]);
  expect(await (await server.post("/p", { t: text })).json()).toEqual(output);
});

test("the path is required, and the format is one of two", async () => {
  const head = 'pipeline "p": step "d" (type step.base64_decode): base64_decode step "d": ';
  expect((await check(pipelineOf([decode("{}")]))).errors).toEqual([`13:54: ${head}'input_from' is required`]);
  expect((await check(pipelineOf([decode("{ input_from: a, format: hex }")]))).errors).toEqual([
    `13:79: ${head}'format' must be one of data_uri, raw_base64, got "hex"`,
  ]);
});
