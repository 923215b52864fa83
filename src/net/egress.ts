import { isIP } from "node:net";
import { prefixed, WorkflowError } from "../error/error.ts";
import {
  type AddressBlock,
  type AddressKind,
  addressKind,
  matcherOf,
  namedKinds,
  namesMetadata,
  parseBlock,
} from "./egress_address.ts";
import { type ResolveHost, resolveHost } from "./egress_resolve.ts";
import { untilAborted } from "./until_aborted.ts";

/** What calls may reach beside the public internet, and what they may not reach. See `docs/guide/outbound.md`. */
export interface EgressRules {
  /** `private`, `loopback`, addresses, CIDR blocks and host names, `*.` in front for all names below one. */
  readonly allow?: readonly string[] | undefined;
  /** The same forms; what they name is refused even when it is public or allowed. */
  readonly deny?: readonly string[] | undefined;
}

/** A call that the policy does not let out. */
export class EgressRefused extends WorkflowError {
  readonly host: string;
  /** The address that is not allowed; undefined when the name itself is denied. */
  readonly address: string | undefined;
  /** Undefined when a rule denies it. */
  readonly kind: AddressKind | undefined;

  constructor(text: string, refused: Pick<EgressRefused, "host" | "address" | "kind">) {
    super("step.egress_refused", text);
    this.host = refused.host;
    this.address = refused.address;
    this.kind = refused.kind;
  }
}

/**
 * Decides which addresses calls may reach: public ones, and what the rules allow. It is asked before every connection
 * with the addresses that the connection is then made to, so that a name cannot mean another one afterwards.
 */
export class EgressPolicy {
  readonly #allow: RuleSet;
  readonly #deny: RuleSet;
  readonly #resolve: ResolveHost;

  /** Throws `config.value` for a rule that cannot be read. */
  constructor(rules: EgressRules = {}, resolve: ResolveHost = resolveHost) {
    this.#allow = ruleSetOf(rules.allow ?? []);
    this.#deny = ruleSetOf(rules.deny ?? []);
    this.#resolve = resolve;
  }

  /** The same policy with more rules. Throws `config.value` for a rule that cannot be read. */
  with({ allow = [], deny = [] }: EgressRules): EgressPolicy {
    if (allow.length === 0 && deny.length === 0) return this;
    const rules = { allow: [...this.#allow.written, ...allow], deny: [...this.#deny.written, ...deny] };
    return new EgressPolicy(rules, this.#resolve);
  }

  /** Tells policies apart by what they let out. */
  get key(): string {
    return JSON.stringify([this.#allow.written, this.#deny.written]);
  }

  /**
   * The addresses of a URL's host, to be tried in this order. Throws `EgressRefused` when any of them may not be
   * reached: a name that has both kinds is taken for an attempt to reach the forbidden one. Throws `step.upstream`
   * when the host has none.
   */
  async addressesOf(url: URL, signal: AbortSignal): Promise<readonly string[]> {
    const host = hostOf(url);
    if (this.#deny.hasHost(host)) {
      throw new EgressRefused(`${host} is denied by the egress rules`, { host, address: undefined, kind: undefined });
    }
    const addresses = isIP(host) === 0 ? await this.#lookUp(url.hostname, signal) : [host];
    for (const address of addresses) this.#check(host, address);
    if (addresses.length === 0) throw new WorkflowError("step.upstream", `host ${host} has no address`);
    return addresses;
  }

  async #lookUp(host: string, signal: AbortSignal): Promise<readonly string[]> {
    try {
      return await untilAborted(this.#resolve(host), signal);
    } catch (error) {
      if (signal.aborted) throw error;
      throw prefixed(`host ${host} cannot be resolved: `, error, "step.upstream");
    }
  }

  #check(host: string, address: string): void {
    const shown = host === address ? address : `${host} resolves to ${address}, which`;
    const kind = addressKind(address);
    if (this.#deny.hasKind(kind) || this.#deny.hasAddress(address)) {
      throw new EgressRefused(`${shown} is denied by the egress rules`, { host, address, kind: undefined });
    }
    if (kind === "public" || this.#allows(host, address, kind)) return;
    const text = `${shown} is a ${kind} address that calls may not reach`;
    throw new EgressRefused(`${text}; ${remedy(kind, address)}`, { host, address, kind });
  }

  #allows(host: string, address: string, kind: AddressKind): boolean {
    // A name or a wide block may cover the metadata service without its writer's knowledge: only its address allows it.
    if (kind === "metadata") return this.#allow.hasMetadataAddress(address);
    return this.#allow.hasKind(kind) || this.#allow.hasAddress(address) || this.#allow.hasHost(host);
  }
}

/** Splits a list of rules as flags and environment variables have it: separated by commas or spaces. */
export function parseEgressList(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((rule) => rule !== "");
}

/** The name or address of a URL's host, without brackets and without the dot that ends absolute names. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function remedy(kind: AddressKind, address: string): string {
  const rule = kind === "private" || kind === "loopback" ? kind : address;
  const written = rule.includes(":") ? JSON.stringify(rule) : rule;
  return `\`egress: { allow: [${written}] }\` allows it here, and \`-egress-allow ${rule}\` everywhere`;
}

interface RuleSet {
  readonly written: readonly string[];
  hasHost(host: string): boolean;
  hasKind(kind: AddressKind): boolean;
  hasAddress(address: string): boolean;
  /** Like `hasAddress`, by rules that can only mean a metadata service. */
  hasMetadataAddress(address: string): boolean;
}

function ruleSetOf(written: readonly string[]): RuleSet {
  const kinds = new Set<AddressKind>();
  const blocks: AddressBlock[] = [];
  const hosts = new Set<string>();
  const suffixes: string[] = [];
  for (const rule of written) {
    const kind = namedKinds.find((name) => name === rule);
    const block = parseBlock(rule);
    if (kind !== undefined) kinds.add(kind);
    else if (block !== undefined) blocks.push(block);
    else if (rule.startsWith("*.")) suffixes.push(`.${hostName(rule, rule.slice(2))}`);
    else hosts.add(hostName(rule, rule));
  }
  return {
    written,
    hasHost: (host) => hosts.has(host) || suffixes.some((suffix) => host.endsWith(suffix)),
    hasKind: (kind) => kinds.has(kind),
    hasAddress: matcherOf(blocks),
    hasMetadataAddress: matcherOf(blocks.filter(namesMetadata)),
  };
}

/** Words that look like a name of a kind and are none: taken for host names they would silently do nothing. */
const noHosts = new Set(["all", "any", "none", "public", "internal", "link-local", "link_local", "metadata"]);

/** A host name as URLs have it. Throws `config.value`. */
function hostName(rule: string, text: string): string {
  const name = URL.parse(`http://${text}/`)?.hostname ?? "";
  const isPlain = /^[^\s:/?#@[\]*%]+$/.test(text) && name !== "" && isIP(name) === 0;
  if (isPlain && !noHosts.has(rule)) return name.replace(/\.$/, "");
  const forms = '"private", "loopback", an address, a CIDR block or a host name';
  const hint =
    'write 10.1.0.0/16, "fd00::/8", inventory.internal or "*.internal"; ports and URLs are not part of a rule';
  throw new WorkflowError("config.value", `"${rule}" is not an egress rule: it must be ${forms}`, { hint });
}
