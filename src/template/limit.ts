/** Most characters (UTF-16 code units) one rendering may write, or one function may return: 10 Mi, the body limit. */
export const outputCharactersMax = 10 * 1024 * 1024;

/** Most characters all function calls of one rendering may return together. Guessed: ten full outputs. */
export const functionCharactersMax = 10 * outputCharactersMax;

/** Most turns of all `range` loops of one rendering, nested ones multiplied; a `template` call counts as a turn. */
export const iterationsMax = 1_000_000;

/** Deepest nesting of blocks, parentheses and `else if` branches in a text. Guessed: far above what people write. */
export const syntaxDepthMax = 500;

/** Deepest chain of `template` calls, which may be recursive. Keeps the call stack well below its end. */
export const templateCallDepthMax = 200;

/** Deepest nesting of lists and maps that is printed; deeper data (or a cycle) is an error. */
export const printDepthMax = 500;

/** Widest field and longest precision a `printf` verb may ask for. */
export const formatWidthMax = 1_000_000;
