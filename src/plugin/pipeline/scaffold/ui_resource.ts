import type { ApiOperation } from "./api_operation.ts";
import { invalid } from "./document.ts";
import type { FormField } from "./form_field.ts";
import { pascalName, singularOf, uniqueName } from "./name.ts";

/** More pages than this are no interface for people. */
const resourcesMax = 200;

/** A collection that gets a page of its own. */
export interface UiResource {
  /** `OrderItem` */
  readonly name: string;
  /** `orderItem` */
  readonly nameLower: string;
  /** `OrderItems` */
  readonly namePlural: string;
  readonly listOp: ApiOperation | undefined;
  readonly detailOp: ApiOperation | undefined;
  readonly createOp: ApiOperation | undefined;
  readonly updateOp: ApiOperation | undefined;
  readonly deleteOp: ApiOperation | undefined;
  readonly formFields: readonly FormField[];
}

/**
 * The collections of an API: paths without parameters that can be listed or added to, such as `/users`, together with
 * the one path of their items, such as `/users/{id}`. Collections inside an item have no page: which item is not known.
 */
export function resourcesOf(operations: readonly ApiOperation[]): readonly UiResource[] {
  // Pages that every project has, and so names that no resource can take.
  const taken = new Set(["dashboard", "login", "register"]);
  const collections = new Set(operations.filter(({ pathParams }) => pathParams.length === 0).map(({ path }) => path));
  const resources: UiResource[] = [];
  for (const path of collections) {
    const at = (wanted: string, isPath: (path: string) => boolean): ApiOperation | undefined =>
      operations.find((operation) => operation.method === wanted && isPath(operation.path));
    const isItem = (other: string): boolean => isItemOf(path, other);
    const [listOp, createOp] = [at("GET", (other) => other === path), at("POST", (other) => other === path)];
    const hasItems = operations.some((operation) => isItem(operation.path));
    const isCollection = listOp?.givesList === true || (hasItems && listOp !== undefined) || createOp !== undefined;
    if (!isCollection || (listOp === undefined && !hasItems)) continue;
    if (resources.length === resourcesMax) throw invalid(`the spec has more than ${resourcesMax} resources`);
    const updateOp = at("PUT", isItem) ?? at("PATCH", isItem);
    const filled = [createOp, updateOp].find((operation) => (operation?.fields.length ?? 0) > 0);
    resources.push({
      ...namesOf(path, taken),
      listOp,
      detailOp: at("GET", isItem),
      createOp,
      updateOp,
      deleteOp: at("DELETE", isItem),
      formFields: filled?.fields ?? [],
    });
  }
  return resources;
}

function isItemOf(collection: string, path: string): boolean {
  return path.startsWith(`${collection}/`) && /^\{[^{}/]+\}$/.test(path.slice(collection.length + 1));
}

function namesOf(path: string, taken: Set<string>): Pick<UiResource, "name" | "nameLower" | "namePlural"> {
  const segments = path.split("/").filter((segment) => segment !== "");
  const last = segments.at(-1) ?? "";
  const isTaken = taken.has(pascalName(last, "Resource").toLowerCase());
  const wanted = isTaken ? `${segments.at(-2) ?? ""} ${last}` : last;
  const namePlural = uniqueName(pascalName(wanted, "Resource"), taken);
  const name = singularOf(namePlural);
  return { name, nameLower: name.slice(0, 1).toLowerCase() + name.slice(1), namePlural };
}
