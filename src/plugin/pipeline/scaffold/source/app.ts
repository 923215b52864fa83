import type { UiAnalysis } from "../ui_analysis.ts";
import { lines } from "./text.ts";

/** The `src/main.tsx` of a project. */
export const mainSource = `import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./index.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
`;

/** The `src/App.tsx` of a project: which page is shown for which address. */
export function appSource({ resources, hasAuth, registerPath }: UiAnalysis): string {
  const hasRegister = hasAuth && registerPath !== "";
  return lines(
    `import { useSyncExternalStore } from "react";`,
    hasAuth && `import { useSignedIn } from "./auth";`,
    `import { Layout } from "./components/Layout";
import { DashboardPage } from "./pages/DashboardPage";`,
    hasAuth && `import { LoginPage } from "./pages/LoginPage";`,
    hasRegister && `import { RegisterPage } from "./pages/RegisterPage";`,
    ...resources.map(({ namePlural }) => `import { ${namePlural}Page } from "./pages/${namePlural}Page";`),
    `
function watchRoute(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

/** The address after "#", so that any file server can serve the pages. */
function useRoute(): string {
  return useSyncExternalStore(watchRoute, () => window.location.hash.slice(1) || "/");
}

function pageOf(route: string) {
  switch (route) {`,
    ...resources.map(({ namePlural }) => `    case "/${namePlural}":\n      return <${namePlural}Page />;`),
    `    default:
      return <DashboardPage />;
  }
}

export function App() {
  const route = useRoute();`,
    hasAuth && `  const isSignedIn = useSignedIn();`,
    hasRegister && `  if (!isSignedIn && route === "/register") return <RegisterPage />;`,
    hasAuth && `  if (!isSignedIn) return <LoginPage />;`,
    `  return <Layout route={route}>{pageOf(route)}</Layout>;
}
`,
  );
}
