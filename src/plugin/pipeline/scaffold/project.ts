import { apiSource } from "./source/api.ts";
import { appSource, mainSource } from "./source/app.ts";
import { authSource, loginSource, registerSource } from "./source/auth.ts";
import { fieldSource, layoutSource, tableSource } from "./source/component.ts";
import { dashboardSource, resourceSource } from "./source/page.ts";
import { htmlSource, packageSource, styleSource, tsconfigSource, viteSource } from "./source/settings.ts";
import type { UiAnalysis } from "./ui_analysis.ts";
import type { ZipEntry } from "./zip.ts";

/** The files of a React project in TypeScript for the interface; `npm install && npm run build` builds it. */
export function projectFiles(analysis: UiAnalysis): readonly ZipEntry[] {
  const file = (path: string, text: string): ZipEntry => ({ path, text });
  const { hasAuth, registerPath, resources } = analysis;
  return [
    file("package.json", packageSource(analysis)),
    file("tsconfig.json", tsconfigSource()),
    file("vite.config.ts", viteSource(analysis)),
    file("index.html", htmlSource(analysis)),
    file(".gitignore", "node_modules\ndist\n"),
    file("src/main.tsx", mainSource),
    file("src/App.tsx", appSource(analysis)),
    file("src/api.ts", apiSource(analysis)),
    file("src/index.css", styleSource),
    file("src/components/Layout.tsx", layoutSource(analysis)),
    file("src/components/DataTable.tsx", tableSource),
    file("src/components/FormField.tsx", fieldSource),
    file("src/pages/DashboardPage.tsx", dashboardSource(analysis)),
    ...resources.map((resource) => file(`src/pages/${resource.namePlural}Page.tsx`, resourceSource(resource))),
    ...(hasAuth
      ? [file("src/auth.tsx", authSource(analysis)), file("src/pages/LoginPage.tsx", loginSource(analysis))]
      : []),
    ...(hasAuth && registerPath !== "" ? [file("src/pages/RegisterPage.tsx", registerSource(analysis))] : []),
  ];
}
