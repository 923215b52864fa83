import { WorkflowError } from "../../error/error.ts";

/** A plugin as the catalogue describes it. */
export interface CatalogueEntry {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly author: string;
  readonly category: string;
  readonly tags: readonly string[];
  readonly downloads: number;
  /** From 0 to 5. */
  readonly rating: number;
}

type Facts = readonly [name: string, version: string, category: string, tags: string, description: string];

// Nobody publishes to this catalogue, so there are no downloads or ratings to report.
const entries: readonly CatalogueEntry[] = (
  [
    ["auth-oidc", "1.2.0", "auth", "auth oidc oauth2 sso", "Sign-in with an OpenID Connect provider."],
    ["storage-s3", "2.0.1", "storage", "storage s3 aws objects", "Files in S3 and in stores that speak its protocol."],
    ["messaging-kafka", "1.0.3", "messaging", "messaging kafka streaming events", "Topics of a Kafka cluster."],
    [
      "observability-otel",
      "0.9.0",
      "observability",
      "observability otel tracing metrics",
      "Traces and metrics by OTLP.",
    ],
    ["cicd-github-actions", "1.1.0", "cicd", "cicd github actions ci", "Runs of GitHub Actions workflows."],
    ["ai-openai", "0.5.0", "ai", "ai openai llm", "Completions by models of OpenAI."],
  ] satisfies readonly Facts[]
).map(([name, version, category, tags, description]) => ({
  name,
  version,
  description,
  author: "workflow",
  category,
  tags: tags.split(" "),
  downloads: 0,
  rating: 0,
}));

/** What to look for; an empty text or list matches everything. */
export interface CatalogueQuery {
  /** Part of the name, description or a tag, in any case. */
  readonly query: string;
  readonly category: string;
  /** One of them is enough. */
  readonly tags: readonly string[];
}

/** The entries that match, in the order of the catalogue. */
export function searchCatalogue({ query, category, tags }: CatalogueQuery): readonly CatalogueEntry[] {
  const wanted = query.toLowerCase();
  return entries.filter(
    (entry) =>
      [entry.name, entry.description, ...entry.tags].some((text) => text.toLowerCase().includes(wanted)) &&
      (category === "" || entry.category === category) &&
      (tags.length === 0 || tags.some((tag) => entry.tags.includes(tag))),
  );
}

/** The entry of that name. Throws `module.not_found`: `plugin "x" not found in catalog`. */
export function catalogueEntry(name: string): CatalogueEntry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new WorkflowError("module.not_found", `plugin "${name}" not found in catalog`);
  return entry;
}
