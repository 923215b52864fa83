/** What a template sees of a run. A run's frame has this shape, so rendering copies nothing. */
export interface TemplateScope {
  /**
   * Top-level names: `.name` reads `current.name`, unless the name is `steps`, `trigger` or `meta`. An own property
   * that is not enumerable can be read by its name, but is left out where the top level is used whole, as in `json .`.
   */
  readonly current: Readonly<Record<string, unknown>>;
  /** Outputs of the completed steps, by step name. */
  readonly steps: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What the run was started with. */
  readonly trigger: Readonly<Record<string, unknown>>;
  /** Facts about the run itself, such as its pipeline's name. */
  readonly meta: Readonly<Record<string, unknown>>;
}
