/** A response with a change made to it, now or when it is there. */
export function changed(
  answer: Response | Promise<Response>,
  change: (response: Response) => void,
): Response | Promise<Response> {
  if (answer instanceof Promise) return answer.then((response) => applied(response, change));
  return applied(answer, change);
}

function applied(response: Response, change: (response: Response) => void): Response {
  change(response);
  return response;
}
