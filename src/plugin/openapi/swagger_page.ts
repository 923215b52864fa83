import { encodeJson } from "../../json/encode.ts";

/** Where the page's scripts and styles come from when nothing else is said. */
export const defaultAssetsUrl = "https://unpkg.com/swagger-ui-dist@5";

/** A page that shows an OpenAPI document with Swagger UI. */
export function swaggerPage({
  title,
  specUrl,
  assetsUrl,
}: {
  readonly title: string;
  readonly specUrl: string;
  readonly assetsUrl: string;
}): string {
  const assets = escapeHtml(assetsUrl.replace(/\/+$/, ""));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${assets}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript.</noscript>
<script src="${assets}/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: ${encodeJson(specUrl)}, dom_id: "#swagger-ui", deepLinking: true });</script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
