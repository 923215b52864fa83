interface CatalogEntry {
  /** One line for the error reference. */
  readonly title: string;
  /** HTTP status when the error reaches a client. */
  readonly status: number;
  readonly retry: "never" | "backoff" | "after";
  readonly hint?: string;
}

function entry(title: string, status: number, hint?: string, retry: CatalogEntry["retry"] = "never"): CatalogEntry {
  return hint === undefined ? { title, status, retry } : { title, status, retry, hint };
}

/**
 * Every error code of the program, with its title, HTTP status, retry class and default hint.
 * `docs/errors.md` is generated from it.
 */
export const catalog = {
  "config.invalid": entry("The configuration has problems.", 422),
  "config.read": entry("A configuration file cannot be read.", 400),
  "config.syntax": entry("A configuration file is not valid YAML.", 400),
  "config.too_large": entry("A configuration is larger than is accepted.", 413),
  "config.shape": entry("A part of the configuration has the wrong shape.", 422),
  "config.value": entry("A value in the configuration is not acceptable.", 422),
  "config.required": entry("A required setting is missing.", 422),
  "config.unknown_key": entry("A key is not known and has no effect.", 422),
  "config.unknown_type": entry("A type is not known.", 422),
  "config.unavailable_type": entry("A type is known but not available in this build.", 422),
  "config.unknown_dependency": entry("A module depends on one that is not defined.", 422),
  "config.unknown_reference": entry("A name refers to nothing that is defined.", 422),
  "config.wrong_role": entry("A referenced module cannot play the role asked of it.", 422),
  "config.duplicate_name": entry("Two things have the same name.", 422),
  "config.cycle": entry("Modules depend on each other in a circle.", 422),
  "config.import": entry("An imported file cannot be used.", 422),
  "config.requirement": entry("A requirement of the configuration is not met.", 422),
  "config.route_conflict": entry("Two routes overlap and neither is more specific.", 422),
  "config.unresolved": entry("A ${…} reference could not be resolved.", 422),
  "config.template": entry("A template has a syntax error.", 422),
  "config.step_reference": entry("A template refers to a step or a step output that cannot be there.", 422),
  "config.bad_duration": entry("A duration cannot be read.", 422, 'write for example "30s", "1h30m" or "250ms"'),
  "config.bad_cron": entry("A cron expression cannot be read.", 422),
  "config.no_entry_point": entry("Nothing in the configuration can be started from outside.", 422),
  "start.failed": entry("A module could not be started.", 500),
  "start.address_in_use": entry("An address to listen on is taken.", 500),
  "start.timeout": entry("A module did not start in time.", 500),
  "http.not_found": entry("No route matches the request.", 404),
  "http.method_not_allowed": entry("The route exists but not for this method.", 405),
  "http.bad_request": entry("The request cannot be understood.", 400),
  "http.bad_json": entry("The request body is not valid JSON.", 400),
  "http.body_too_large": entry("The request body is larger than is accepted.", 413),
  "http.unsupported_type": entry("The content type of the request is not accepted.", 415),
  "http.unauthorized": entry("The request has no valid credential.", 401),
  "http.forbidden": entry("The credential does not allow this.", 403),
  "http.rate_limited": entry("Too many requests.", 429, undefined, "after"),
  "http.upstream": entry("A backend cannot be reached.", 502, undefined, "backoff"),
  "http.storage_full": entry("A collection holds as many resources as it may.", 507),
  "http.draining": entry("The server is shutting down.", 503, undefined, "after"),
  "management.conflict": entry("The request conflicts with one that runs or waits.", 409),
  "management.stale": entry("The configuration has changed since it was read.", 412),
  "run.cancelled": entry("A run was cancelled.", 499),
  "run.timeout": entry("A run or step took longer than its limit.", 504),
  "run.too_many_steps": entry("A run executed more steps than is allowed.", 500),
  "run.unknown_target": entry("A step routed to one that does not exist.", 500),
  "run.limit_reached": entry("As many runs as may be are under way.", 429, undefined, "after"),
  "run.too_many": entry("Too many runs of a pipeline are in flight.", 503, undefined, "backoff"),
  "run.too_deep": entry("Pipelines call each other in too many levels.", 500),
  "run.missing_service": entry("A service that a step or trigger needs is not there.", 500),
  "run.unknown_pipeline": entry("A pipeline or workflow of that name does not exist.", 500),
  "step.failed": entry("A step failed.", 500),
  "step.invalid_input": entry("A step was given input that it does not accept.", 400),
  "step.template": entry("A template could not be evaluated.", 500),
  "step.upstream": entry("A call to another service failed.", 500, undefined, "backoff"),
  "step.egress_refused": entry("An outbound call would reach an address that is not allowed.", 500),
  "step.cache_miss": entry("A cache has no such entry.", 500),
  "step.circuit_open": entry("A circuit breaker is open.", 503, undefined, "backoff"),
  "store.failed": entry("The execution store cannot be read or written.", 503, undefined, "backoff"),
  "run.lost": entry("A run was taken over by another owner.", 500),
  "run.suspended": entry("A run was stopped to be resumed later.", 503, undefined, "backoff"),
  "run.duplicate": entry("A run with this idempotency key is still in flight.", 409, undefined, "backoff"),
  "run.key_reused": entry("An idempotency key was used for another request.", 422),
  "run.not_found": entry("There is no execution of that id.", 404),
  "run.finished": entry("An execution has ended already.", 409),
  "run.blocked": entry("A run cannot be resumed with the present configuration.", 500),
  "run.not_serialisable": entry("A value of a run cannot be kept in the journal.", 500),
  "run.output_too_large": entry("An output is larger than the journal keeps.", 500),
  "run.not_durable": entry("What was asked for needs a durable run.", 500),
  "run.poisoned": entry("A run ended the process again and again.", 500),
  "database.failed": entry("A database could not be opened or refused a statement.", 500),
  "module.failed": entry("A module reported a failure.", 500),
  "module.not_found": entry("What was asked for does not exist.", 404),
  "state.invalid_transition": entry("A state machine does not allow this transition.", 409),
  "message.queue_full": entry("Too many messages of one topic are under way.", 503, undefined, "backoff"),
  "secret.unavailable": entry("A secret provider cannot be asked.", 500, undefined, "backoff"),
  "cli.unavailable": entry("A flag is known but what it does is not available in this build.", 400),
  "cli.weak_secret": entry("A secret is too short to be safe.", 400),
  "test.refused": entry("A workflow test did what tests may not do, such as reaching outside.", 500),
  "cli.usage": entry("The command line cannot be understood.", 400),
  "internal.unexpected": entry("Something unexpected failed.", 500),
  "internal.invariant": entry("The program broke one of its own rules.", 500),
} as const satisfies Record<string, CatalogEntry>;

/** A key of the error catalogue. */
export type ErrorCode = keyof typeof catalog;

/** Whether a text, such as one that was stored, is a key of the catalogue. */
export function isErrorCode(text: string | undefined): text is ErrorCode {
  return text !== undefined && Object.hasOwn(catalog, text);
}
