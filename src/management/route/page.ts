import type { ManagementContext, ManagementRoute } from "../route.ts";

/** A plain page that says what is running. */
export const pageRoutes: readonly ManagementRoute[] = [
  {
    method: "GET",
    path: "/",
    access: "guide",
    summary: "A page that says what is running.",
    handle: (_exchange, context) =>
      new Response(page(context), {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "cache-control": "no-store",
          "content-security-policy":
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
          "x-content-type-options": "nosniff",
        },
      }),
  },
];

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function row(label: string, value: string): string {
  return `<tr><th scope="row">${escape(label)}</th><td>${escape(value)}</td></tr>`;
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const header = head.map((cell) => `<th scope="col">${escape(cell)}</th>`).join("");
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`).join("");
  return `<table><caption>${escape(caption)}</caption><thead><tr>${header}</tr></thead><tbody>${body}</tbody></table>`;
}

const style = `
:root{color-scheme:light dark;--line:#8884;--accent:#2f6fed}
body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2.5rem auto;padding:0 1.25rem}
h1{font-size:1.5rem;margin:0}p.lead{margin:.25rem 0 1.5rem;opacity:.75}
table{border-collapse:collapse;width:100%;margin:0 0 1.75rem}caption{text-align:left;font-weight:600;padding:.4rem 0}
th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line)}
th,td{vertical-align:top;font-weight:400}
thead th,th[scope=row]{opacity:.7;white-space:nowrap}td{overflow-wrap:anywhere}
a{color:var(--accent)}`;

function page(context: ManagementContext): string {
  const { engine, services, configFile, startedAtMs } = context;
  const { current, lastReload } = engine;
  const modules = current?.plan.modules.map((module) => [module.name, module.type, `line ${module.at.line}`]) ?? [];
  const pipelines = current?.pipelineNames().map((name) => [name]) ?? [];
  const reload =
    lastReload === undefined
      ? "none"
      : `${new Date(lastReload.at).toISOString()} ${lastReload.isOk ? "ok" : lastReload.error}`;
  const facts = [
    row("State", engine.isReady ? "ready" : engine.state),
    row("Configuration", configFile ?? "none (started without -config)"),
    row("Generation", String(engine.generationNumber)),
    row(
      "Listening on",
      engine
        .addresses()
        .map(({ address }) => address)
        .join(", ") || "nothing",
    ),
    row("Started", new Date(startedAtMs).toISOString()),
    row("Last reload", String(reload)),
  ].join("");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Workflow</title><style>${style}</style></head><body>
<h1>Workflow ${escape(services.version)}</h1>
<p class="lead">What this server runs. The same as JSON: <a href="/api/v1/admin/engine/status">status</a>,
<a href="/healthz">health</a>, <a href="/metrics">metrics</a>.</p>
<table><caption>Engine</caption><tbody>${facts}</tbody></table>
${table("Modules", ["Name", "Type", "Defined at"], modules)}
${table("Pipelines", ["Name"], pipelines)}
</body></html>
`;
}
