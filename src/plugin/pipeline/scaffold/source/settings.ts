import { slugOf } from "../name.ts";
import type { UiAnalysis } from "../ui_analysis.ts";
import { html, literal } from "./text.ts";

/** The `package.json` of a project. */
export function packageSource({ title }: UiAnalysis): string {
  const content = {
    name: slugOf(title, "my-app"),
    private: true,
    version: "0.1.0",
    type: "module",
    scripts: { dev: "vite", build: "tsc --noEmit && vite build", preview: "vite preview" },
    dependencies: { react: "^19.0.0", "react-dom": "^19.0.0" },
    devDependencies: {
      "@types/react": "^19.0.0",
      "@types/react-dom": "^19.0.0",
      "@vitejs/plugin-react": "^6.0.0",
      typescript: "^7.0.0",
      vite: "^8.0.0",
    },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** The `tsconfig.json` of a project. */
export function tsconfigSource(): string {
  const compilerOptions = {
    target: "ES2022",
    module: "ESNext",
    moduleResolution: "bundler",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    jsx: "react-jsx",
    types: ["vite/client"],
    strict: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    skipLibCheck: true,
    noEmit: true,
  };
  return `${JSON.stringify({ compilerOptions, include: ["src", "vite.config.ts"] }, null, 2)}\n`;
}

/** The `vite.config.ts` of a project: calls of the API go to the server during development. */
export function viteSource({ operations, apiPath, loginPath, registerPath }: UiAnalysis): string {
  const paths = [...operations.map(({ path }) => path), loginPath, registerPath].filter((path) => path !== "");
  const prefixes = apiPath === "" ? paths.map(firstSegment) : [apiPath];
  // Names that the development server needs for itself.
  const proxied = [...new Set(prefixes)].filter((prefix) => !/^\/(@.*|src|node_modules|)$/.test(prefix));
  return `import { defineConfig } from "vite";
import react from "@vitejs/plugin-react";

// The server that answers calls of the API while "npm run dev" runs.
const api = "http://localhost:8080";
const paths: string[] = ${literal(proxied)};

export default defineConfig({
  base: "./",
  plugins: [react()],
  server: { proxy: Object.fromEntries(paths.map((path) => [path, api])) },
});
`;
}

function firstSegment(path: string): string {
  return `/${path.split("/")[1] ?? ""}`.replace(/\{.*$/, "");
}

/** The `index.html` of a project. */
export function htmlSource({ title, theme }: UiAnalysis): string {
  return `<!doctype html>
<html lang="en" data-theme="${theme}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${html(title)}</title>
  </head>
  <body>
    <div id="root"></div>
    <script type="module" src="/src/main.tsx"></script>
  </body>
</html>
`;
}

/** The styles of a project, light and dark. */
export const styleSource = `:root {
  color-scheme: light dark;
  --page: light-dark(#f6f7f9, #15181c);
  --surface: light-dark(#ffffff, #1e2227);
  --text: light-dark(#1c2127, #e8eaed);
  --muted: light-dark(#5c6670, #a0a8b0);
  --line: light-dark(#d9dee3, #343a41);
  --accent: light-dark(#1f5fbf, #7fb0ff);
  --on-accent: light-dark(#ffffff, #10151c);
  --danger: light-dark(#b3261e, #ff8f85);
  font: 16px/1.5 system-ui, sans-serif;
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.layout { display: grid; grid-template-columns: 14rem 1fr; min-height: 100vh; }
.layout > nav { padding: 1rem; background: var(--surface); border-right: 1px solid var(--line); }
.layout > nav a { display: block; padding: 0.4rem 0.6rem; border-radius: 0.4rem; text-decoration: none; }
.layout > nav a[aria-current="page"] { background: var(--accent); color: var(--on-accent); }
.layout > main, .sign-in { padding: 1.5rem; max-width: 72rem; }
.sign-in { max-width: 26rem; margin: 10vh auto 0; }
.brand { margin: 0 0 1rem; font-weight: 600; }
.panel { padding: 1rem; margin: 1rem 0; background: var(--surface); }
.panel { border: 1px solid var(--line); border-radius: 0.5rem; }
.bar { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin: 1rem 0; }
.muted { color: var(--muted); }
.error { color: var(--danger); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; background: var(--surface); }
th, td { padding: 0.5rem 0.7rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
.field { display: grid; gap: 0.2rem; margin: 0 0 0.8rem; }
.field.checkbox { grid-template-columns: auto 1fr; align-items: center; gap: 0.5rem; }
input, select, textarea, button { font: inherit; color: inherit; }
input:not([type="checkbox"]), select, textarea {
  width: 100%; padding: 0.45rem 0.6rem; background: var(--page); border: 1px solid var(--line); border-radius: 0.4rem;
}
button { padding: 0.4rem 0.9rem; background: var(--surface); cursor: pointer; }
button { border: 1px solid var(--line); border-radius: 0.4rem; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.danger { color: var(--danger); }
button:disabled { opacity: 0.6; cursor: default; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem 1rem; margin: 0; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 44rem) { .layout { grid-template-columns: 1fr; } }
`;
