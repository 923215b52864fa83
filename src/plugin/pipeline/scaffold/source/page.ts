import { labelOf } from "../name.ts";
import type { ApiOperation } from "../api_operation.ts";
import type { UiAnalysis } from "../ui_analysis.ts";
import type { UiResource } from "../ui_resource.ts";
import { lines, literal } from "./text.ts";

/** The page of a resource, `src/pages/<Plural>Page.tsx`. */
export function resourceSource(all: UiResource): string {
  const resource = reachable(all);
  const { namePlural, listOp, detailOp } = resource;
  const hasForm = formKinds(resource).length > 0;
  return lines(
    importsOf(resource),
    hasForm && `\nconst fields: Field[] = ${JSON.stringify(resource.formFields, null, 2)};`,
    hasActions(resource) && idSource(resource),
    `\nexport function ${namePlural}Page() {`,
    listOp !== undefined && `  const [rows, setRows] = useState<Row[]>();`,
    detailOp !== undefined && `  const [shown, setShown] = useState<Row>();`,
    hasForm && `  const [edited, setEdited] = useState<{ id?: string; values: Row }>();`,
    `  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function attempt(work: () => Promise<void>) {
    setError("");
    setBusy(true);
    try {
      await work();
    } catch (reason) {
      setError(messageOf(reason));
    } finally {
      setBusy(false);
    }
  }`,
    listOp !== undefined &&
      `
  async function load() {
    setRows(rowsOf(await ${call(listOp.funcName)}));
  }

  useEffect(() => {
    void attempt(load);
  }, []);`,
    hasForm && submitSource(resource),
    viewSource(resource),
  );
}

/** What is done to one item starts at its row, so without a list there is only the form for a new one. */
function reachable(resource: UiResource): UiResource {
  if (resource.listOp !== undefined) return resource;
  return { ...resource, detailOp: undefined, updateOp: undefined, deleteOp: undefined };
}

/** Whether what is entered into the form is sent. */
function sendsValues({ createOp, updateOp }: UiResource): boolean {
  return createOp?.hasBody === true || updateOp?.hasBody === true;
}

function importsOf(resource: UiResource): string {
  const { listOp, detailOp } = resource;
  const hasForm = formKinds(resource).length > 0;
  const [hooks, names] = [["useState"], ["messageOf", "operations"]];
  if (listOp !== undefined) hooks.unshift("useEffect");
  if (hasForm) hooks.push("type FormEvent");
  if (detailOp !== undefined) names.push("isRow", "textOf");
  if (detailOp === undefined && hasActions(resource)) names.push("textOf");
  if (listOp !== undefined) names.push("rowsOf");
  if (listOp !== undefined || hasForm || hasActions(resource)) names.push("type Row");
  return lines(
    `import { ${hooks.join(", ")} } from "react";`,
    `import { ${names.join(", ")} } from "../api";`,
    listOp !== undefined && `import { DataTable } from "../components/DataTable";`,
    hasForm &&
      `import { FormField, ${sendsValues(resource) ? "valuesOf, " : ""}type Field } from "../components/FormField";`,
  );
}

function hasActions({ detailOp, updateOp, deleteOp }: UiResource): boolean {
  return detailOp !== undefined || updateOp !== undefined || deleteOp !== undefined;
}

/** What the form of a page is for. */
function formKinds({ createOp, updateOp }: UiResource): readonly ("create" | "update")[] {
  const kinds: ("create" | "update")[] = [];
  if (createOp !== undefined) kinds.push("create");
  if (updateOp !== undefined) kinds.push("update");
  return kinds;
}

function call(funcName: string, ...values: readonly string[]): string {
  return `operations[${literal(funcName)}](${values.join(", ")})`;
}

function idSource({ detailOp, updateOp, deleteOp }: UiResource): string {
  const parameter = (detailOp ?? updateOp ?? deleteOp)?.pathParams[0] ?? "id";
  return `
function idOf(row: Row): string {
  return textOf(row[${literal(parameter)}] ?? row["id"]);
}`;
}

function submitSource(resource: UiResource): string {
  const { createOp, updateOp, listOp } = resource;
  const valuesFor = (operation: ApiOperation): string[] => (operation.hasBody ? ["values"] : []);
  const create = createOp === undefined ? "" : `await ${call(createOp.funcName, ...valuesFor(createOp))};`;
  const update = updateOp === undefined ? "" : `await ${call(updateOp.funcName, "id", ...valuesFor(updateOp))};`;
  const sends = sendsValues(resource);
  return lines(
    `
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();`,
    sends && `    const form = new FormData(event.currentTarget);`,
    update !== "" && `    const id = edited?.id;`,
    `    void attempt(async () => {`,
    sends && `      const values = valuesOf(fields, form);`,
    update === "" && `      ${create}`,
    update !== "" && create !== "" && `      if (id === undefined) ${create}`,
    update !== "" && `      ${create === "" ? "" : "else "}if (id !== undefined) ${update}`,
    `      setEdited(undefined);`,
    listOp !== undefined && `      await load();`,
    `    });
  }`,
  );
}

function viewSource(resource: UiResource): string {
  const { namePlural, name, listOp, detailOp, createOp } = resource;
  return lines(
    `
  return (
    <>
      <h1>${labelOf(namePlural)}</h1>
      <div className="bar">`,
    createOp !== undefined &&
      `        <button type="button" className="primary" onClick={() => setEdited({ values: {} })}>
          New ${labelOf(name)}
        </button>`,
    listOp !== undefined &&
      `        <button type="button" disabled={isBusy} onClick={() => void attempt(load)}>
          Refresh
        </button>`,
    `        <span role="status" className="muted">
          {isBusy && "Working…"}
        </span>
      </div>
      <p role="alert" className="error">
        {error}
      </p>`,
    formKinds(resource).length > 0 && formSource(resource),
    detailOp !== undefined &&
      `      {shown !== undefined && (
        <section className="panel" aria-label="Details">
          <dl>
            {Object.entries(shown).map(([key, value]) => [
              <dt key={key}>{key}</dt>,
              <dd key={key + " value"}>{textOf(value)}</dd>,
            ])}
          </dl>
          <p>
            <button type="button" onClick={() => setShown(undefined)}>
              Close
            </button>
          </p>
        </section>
      )}`,
    listOp !== undefined && tableSource(resource),
    `    </>
  );
}
`,
  );
}

function formSource(resource: UiResource): string {
  const label = labelOf(resource.name);
  const title = formKinds(resource).includes("update")
    ? `{edited.id === undefined ? "New" : "Edit"} ${label}`
    : `New ${label}`;
  return `      {edited !== undefined && (
        <form className="panel" onSubmit={submit} key={edited.id ?? ""}>
          <h2>${title}</h2>
          {fields.map((field) => (
            <FormField key={field.name} field={field} value={edited.values[field.name]} />
          ))}
          <div className="bar">
            <button type="submit" className="primary" disabled={isBusy}>
              Save
            </button>
            <button type="button" onClick={() => setEdited(undefined)}>
              Cancel
            </button>
          </div>
        </form>
      )}`;
}

function tableSource(resource: UiResource): string {
  const { name, detailOp, updateOp, deleteOp } = resource;
  if (!hasActions(resource)) return `      {rows !== undefined && <DataTable rows={rows} />}`;
  return lines(
    `      {rows !== undefined && (
        <DataTable
          rows={rows}
          actions={(row) => (
            <div className="bar">`,
    detailOp !== undefined &&
      `              <button
                type="button"
                onClick={() =>
                  void attempt(async () => {
                    const answer = await ${call(detailOp.funcName, "idOf(row)")};
                    setShown(isRow(answer) ? answer : row);
                  })
                }
              >
                View
              </button>`,
    updateOp !== undefined &&
      `              <button type="button" onClick={() => setEdited({ id: idOf(row), values: row })}>
                Edit
              </button>`,
    deleteOp !== undefined &&
      `              <button
                type="button"
                className="danger"
                onClick={() => {
                  if (!window.confirm("Delete this ${labelOf(name)}?")) return;
                  void attempt(async () => {
                    await ${call(deleteOp.funcName, "idOf(row)", ...(deleteOp.hasBody ? ["{}"] : []))};
                    await load();
                  });
                }}
              >
                Delete
              </button>`,
    `            </div>
          )}
        />
      )}`,
  );
}

/** The `src/pages/DashboardPage.tsx` of a project: what there is. */
export function dashboardSource({ title, version, resources, operations }: UiAnalysis): string {
  const cards = resources.map(({ namePlural }) => ({ route: `/${namePlural}`, label: labelOf(namePlural) }));
  const calls = operations.map(({ method, path, funcName }) => ({ method, path, name: funcName }));
  return `import { DataTable } from "../components/DataTable";

const cards: { route: string; label: string }[] = ${JSON.stringify(cards, null, 2)};

const calls: { method: string; path: string; name: string }[] = ${JSON.stringify(calls, null, 2)};

export function DashboardPage() {
  return (
    <>
      <h1>{${literal(title)}}</h1>
      <p className="muted">{${literal(version === "" ? "" : `Version ${version}`)}}</p>
      <ul>
        {cards.map((card) => (
          <li key={card.route}>
            <a href={"#" + card.route}>{card.label}</a>
          </li>
        ))}
      </ul>
      <h2>Operations</h2>
      <DataTable rows={calls} />
    </>
  );
}
`;
}
