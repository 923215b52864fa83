import { expect, test } from "bun:test";
import { ownValue } from "../../../../src/json/map.ts";
import { check, serve } from "../../../harness/server.ts";
import { runOffline, scaffoldServer, shop, unzip } from "./fixture.ts";

const type = "step.ui_scaffold";

async function filesOf(config: string, body: string): Promise<Map<string, string>> {
  await using server = await serve(scaffoldServer(type, config));
  const answer = await server.post("/p", body);
  expect(answer.status).toBe(200);
  return unzip(await answer.bytes());
}

const always = [
  ".gitignore",
  "index.html",
  "package.json",
  "src/App.tsx",
  "src/api.ts",
  "src/components/DataTable.tsx",
  "src/components/FormField.tsx",
  "src/components/Layout.tsx",
  "src/index.css",
  "src/main.tsx",
  "src/pages/DashboardPage.tsx",
  "tsconfig.json",
  "vite.config.ts",
];
const signIn = ["src/auth.tsx", "src/pages/LoginPage.tsx"];
const signUp = "src/pages/RegisterPage.tsx";
const items = "src/pages/OrderItemsPage.tsx";

test("answers with an archive, and ends the run", async () => {
  await using server = await serve(scaffoldServer(type));
  const answer = await server.post("/p", shop);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/zip");
  expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="scaffold.zip"`);
  expect([...unzip(await answer.bytes()).keys()].sort()).toEqual([...always, ...signIn, items].sort());
});

test.each([
  ["{}", "openapi: 3.1.0", always],
  ["{ auth: true }", "openapi: 3.1.0", [...always, ...signIn, signUp]],
  ["{ auth: true }", shop, [...always, ...signIn, signUp, items]],
  ["{ auth: false }", shop, [...always, items]],
])("with %s the project has the pages it needs", async (config, body, files) => {
  expect([...(await filesOf(config, body)).keys()].sort()).toEqual([...files].sort());
});

test("forced sign-in uses the usual paths, with e-mail and password", async () => {
  const files = await filesOf("{ auth: true }", "openapi: 3.1.0");
  expect(files.get("src/auth.tsx")).toContain(`send("POST", "/auth/login", values)`);
  expect(files.get("src/auth.tsx")).toContain(`send("POST", "/auth/register", values)`);
  expect(files.get("src/pages/LoginPage.tsx")).toContain(`"name": "password"`);
});

test("calls go where the document says, with encoded parameters", async () => {
  const files = await filesOf("{}", shop);
  const api = files.get("src/api.ts");
  expect(api).toContain(`?? "/api/v1";`);
  expect(api).toContain(`"listItems": (): Promise<unknown> => send("GET", "/order-items"),`);
  expect(api).toContain(
    `"changeItem": (itemId: string, body: unknown): Promise<unknown> => ` +
      `send("PATCH", "/order-items/" + encodeURIComponent(itemId), body),`,
  );
  expect(files.get("vite.config.ts")).toContain(`const paths: string[] = ["/api/v1"];`);
});

test.each([
  ["{}", "<title>Shop</title>", `data-theme="auto"`],
  ["{ title: Mine }", "<title>Mine</title>", `data-theme="auto"`],
  ["{ theme: dark }", "<title>Shop</title>", `data-theme="dark"`],
])("with %s the page says so", async (config, title, theme) => {
  const page = (await filesOf(config, shop)).get("index.html");
  expect(page).toContain(title);
  expect(page).toContain(theme);
});

test("texts of the document are data in the project, never markup, code or paths", async () => {
  const hostile = JSON.stringify({
    openapi: "3.1.0",
    info: { title: `</title><script>x()</script>{y}\`\${z}"` },
    paths: {
      "/../../evil": { get: { operationId: `a"]: x(), ["b` }, post: {} },
      "/constructor": { get: { operationId: "__proto__" }, post: {} },
    },
  });
  const files = await filesOf("{}", hostile);
  const known = [...always, "src/pages/EvilPage.tsx", "src/pages/ConstructorPage.tsx"];
  expect([...files.keys()].sort()).toEqual(known.sort());
  expect(files.get("index.html")).toContain(
    "<title>&lt;/title&gt;&lt;script&gt;x()&lt;/script&gt;{y}`${z}&quot;</title>",
  );
  expect(files.get("package.json")).toContain(`"name": "title-script-x-script-y-z"`);
  expect(files.get("src/api.ts")).toContain(`  "aXB": (): Promise<unknown> => send("GET", "/../../evil"),`);
  expect(files.get("src/api.ts")).toContain(`  "proto": (): Promise<unknown> => send("GET", "/constructor"),`);
  const transpiler = new Bun.Transpiler({ loader: "tsx" });
  for (const [path, text] of files) if (/\.tsx?$/.test(path)) expect(transpiler.transformSync(text)).not.toBe("");
});

test.each([
  ["ui.zip", `attachment; filename="ui.zip"`],
  ["my ui.zip", `attachment; filename="my ui.zip"`],
  [`'a"b.zip'`, `attachment; filename="a_b.zip"; filename*=UTF-8''a%22b.zip`],
  ["ü.zip", `attachment; filename="_.zip"; filename*=UTF-8''%C3%BC.zip`],
  [`"a\\r\\nb.zip"`, `attachment; filename="a__b.zip"; filename*=UTF-8''a%0D%0Ab.zip`],
])("the archive is offered under the name %s", async (filename, header) => {
  await using server = await serve(scaffoldServer(type, `{ filename: ${filename} }`));
  expect((await server.post("/p", shop)).headers.get("content-disposition")).toBe(header);
});

test("a request without a document is answered 400", async () => {
  await using server = await serve(scaffoldServer(type));
  const answer = await server.post("/p");
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: "no OpenAPI spec provided in request body" });
});

test("a run without a request goes on, with the archive as output", async () => {
  await using server = await serve(scaffoldServer(type));
  const output = await runOffline(server, { body: shop });
  const archive = ownValue(output, "zip_bytes");
  if (!(archive instanceof Uint8Array)) throw new Error("the archive is bytes");
  expect(ownValue(output, "bytes")).toBe(archive.length);
  expect(unzip(archive).has(items)).toBe(true);
  await expect(runOffline(server, {})).rejects.toThrow(`ui_scaffold step "act": no OpenAPI spec provided`);
});

test("an empty name of the archive is a warning and the usual name is used", async () => {
  const { errors, warnings } = await check(scaffoldServer(type, `{ filename: "" }`));
  expect([...errors, ...warnings]).toEqual([expect.stringContaining("filename")]);
});
