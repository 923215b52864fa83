import type { FormField } from "../form_field.ts";
import type { UiAnalysis } from "../ui_analysis.ts";
import { lines, literal } from "./text.ts";

const usualFields: readonly FormField[] = [
  { name: "email", label: "Email", type: "email", required: true, options: [] },
  { name: "password", label: "Password", type: "password", required: true, options: [] },
];

/** The `src/auth.tsx` of a project. */
export function authSource({ loginPath, registerPath }: UiAnalysis): string {
  return lines(
    `import { useSyncExternalStore } from "react";
import { hasToken, isRow, send, setToken, type Row } from "./api";

function watchToken(changed: () => void): () => void {
  window.addEventListener("token", changed);
  return () => window.removeEventListener("token", changed);
}

/** Whether somebody is signed in. */
export function useSignedIn(): boolean {
  return useSyncExternalStore(watchToken, hasToken);
}

export function signOut(): void {
  setToken(null);
}

export async function login(values: Row): Promise<void> {
  const token = tokenIn(await send("POST", ${literal(loginPath)}, values));
  if (token === undefined) throw new Error("The answer holds no token");
  setToken(token);
}
`,
    registerPath !== "" &&
      `/** Signs up, and in when the answer holds a token. */
export async function register(values: Row): Promise<void> {
  const token = tokenIn(await send("POST", ${literal(registerPath)}, values));
  if (token === undefined) window.location.hash = "/login";
  else setToken(token);
}
`,
    `function tokenIn(answer: unknown): string | undefined {
  if (!isRow(answer)) return undefined;
  for (const key of ["token", "access_token", "accessToken", "jwt", "id_token"]) {
    const value = answer[key];
    if (typeof value === "string") return value;
  }
  return tokenIn(answer["data"]);
}
`,
  );
}

/** The `src/pages/LoginPage.tsx` of a project. */
export function loginSource({ auth, registerPath }: UiAnalysis): string {
  const other = registerPath === "" ? undefined : { route: "/register", text: "Create an account" };
  return signPage({ name: "Login", action: "login", title: "Sign in", fields: auth.login?.fields, other });
}

/** The `src/pages/RegisterPage.tsx` of a project. */
export function registerSource({ auth }: UiAnalysis): string {
  const other = { route: "/login", text: "Sign in instead" };
  return signPage({ name: "Register", action: "register", title: "Sign up", fields: auth.register?.fields, other });
}

interface SignPage {
  readonly name: string;
  readonly action: string;
  readonly title: string;
  readonly fields: readonly FormField[] | undefined;
  readonly other: { readonly route: string; readonly text: string } | undefined;
}

function signPage({ name, action, title, fields, other }: SignPage): string {
  const shown = fields === undefined || fields.length === 0 ? usualFields : fields;
  return lines(
    `import { useState, type FormEvent } from "react";
import { messageOf } from "../api";
import { ${action} } from "../auth";
import { FormField, valuesOf, type Field } from "../components/FormField";

const fields: Field[] = ${JSON.stringify(shown, null, 2)};

export function ${name}Page() {
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setError("");
    setBusy(true);
    try {
      await ${action}(valuesOf(fields, form));
    } catch (reason) {
      setError(messageOf(reason));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="sign-in">
      <h1>${title}</h1>
      <form className="panel" onSubmit={submit}>
        {fields.map((field) => (
          <FormField key={field.name} field={field} value={undefined} />
        ))}
        <p role="alert" className="error">
          {error}
        </p>
        <button type="submit" className="primary" disabled={isBusy}>
          ${title}
        </button>
      </form>`,
    other !== undefined &&
      `      <p>
        <a href="#${other.route}">${other.text}</a>
      </p>`,
    `    </main>
  );
}
`,
  );
}
