/** Lets everything else that is due in this turn of the event loop come first, requests included. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
