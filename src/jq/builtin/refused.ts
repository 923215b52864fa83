const noInput = "a program has one input, which is `.`";
const noEnvironment = "the environment is not available";
const noProcess = "a program cannot end the process";
const noModules = "modules are not available";

/** Functions that other programs of this language have and this one leaves out, and why. */
const refused: ReadonlyMap<string, string> = new Map([
  ["input/0", noInput],
  ["inputs/0", noInput],
  ["input_line_number/0", noInput],
  ["input_filename/0", noInput],
  ["env/0", noEnvironment],
  ["halt/0", noProcess],
  ["halt_error/0", `${noProcess}; use error`],
  ["halt_error/1", `${noProcess}; use error`],
  ["modulemeta/0", noModules],
  ["get_search_list/0", noModules],
]);

/** Why a function is left out; undefined when it is simply unknown. */
export function refusalOf(name: string, arity: number): string | undefined {
  const reason = refused.get(`${name}/${arity}`);
  return reason === undefined ? undefined : `${name}/${arity}: ${reason}`;
}
