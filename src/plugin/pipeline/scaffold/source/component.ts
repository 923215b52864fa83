import type { UiAnalysis } from "../ui_analysis.ts";
import { labelOf } from "../name.ts";
import { lines, literal } from "./text.ts";

/** The `src/components/DataTable.tsx` of a project. */
export const tableSource = `import type { ReactNode } from "react";
import { textOf, type Row } from "../api";

const columnsMax = 8;

/** Shows rows under the columns they have; \`actions\` stand at the end of each row. */
export function DataTable({ rows, actions }: { rows: Row[]; actions?: (row: Row) => ReactNode }) {
  if (rows.length === 0) return <p className="muted">Nothing here yet.</p>;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, columnsMax);
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            {actions !== undefined && <th scope="col">Actions</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={textOf(row["id"]) || index}>
              {columns.map((column) => (
                <td key={column}>{textOf(row[column])}</td>
              ))}
              {actions !== undefined && <td>{actions(row)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
`;

/** The `src/components/FormField.tsx` of a project. */
export const fieldSource = `import { useId } from "react";
import { textOf, type Row } from "../api";

export type Field = {
  name: string;
  label: string;
  type: string;
  required: boolean;
  options: string[];
};

/** One labelled control. */
export function FormField({ field, value }: { field: Field; value: unknown }) {
  const id = useId();
  const { name, label, type, required, options } = field;
  const shared = { id, name, required };
  const text = type === "datetime-local" ? textOf(value).slice(0, 16) : textOf(value);
  if (type === "checkbox") {
    return (
      <div className="field checkbox">
        <input id={id} name={name} type="checkbox" defaultChecked={value === true} />
        <label htmlFor={id}>{label}</label>
      </div>
    );
  }
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {required && " *"}
      </label>
      {type === "select" ? (
        <select {...shared} defaultValue={text}>
          <option value="" />
          {options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      ) : type === "textarea" || type === "json" ? (
        <textarea {...shared} rows={4} defaultValue={text} />
      ) : (
        <input {...shared} type={type} step={type === "number" ? "any" : undefined} defaultValue={text} />
      )}
    </div>
  );
}

/** What was entered, as the API wants it. Throws when a list or object is not JSON. */
export function valuesOf(fields: Field[], form: FormData): Row {
  const values: Row = {};
  for (const { name, type, label } of fields) {
    const text = String(form.get(name) ?? "");
    if (type === "checkbox") values[name] = form.has(name);
    else if (text === "") continue;
    else if (type === "number") values[name] = Number(text);
    else if (type === "datetime-local") values[name] = new Date(text).toISOString();
    else if (type === "json") values[name] = jsonOf(label, text);
    else values[name] = text;
  }
  return values;
}

function jsonOf(label: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(label + " is not valid JSON");
  }
}
`;

/** The `src/components/Layout.tsx` of a project. */
export function layoutSource({ title, resources, hasAuth }: UiAnalysis): string {
  const links = resources.map(({ namePlural }) => ({ route: `/${namePlural}`, label: labelOf(namePlural) }));
  return lines(
    `import type { ReactNode } from "react";`,
    hasAuth && `import { signOut } from "../auth";`,
    `
const links = ${literal([{ route: "/", label: "Dashboard" }, ...links])};

/** The frame of every page. */
export function Layout({ route, children }: { route: string; children: ReactNode }) {
  return (
    <div className="layout">
      <nav aria-label="Main">
        <p className="brand">{${literal(title)}}</p>
        {links.map((link) => (
          <a key={link.route} href={"#" + link.route} aria-current={link.route === route ? "page" : undefined}>
            {link.label}
          </a>
        ))}`,
    hasAuth &&
      `        <p>
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        </p>`,
    `      </nav>
      <main>{children}</main>
    </div>
  );
}
`,
  );
}
