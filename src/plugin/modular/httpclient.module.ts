import { inertModule } from "./inert.ts";

/** Steps that call HTTP services bring their own client. */
export default inertModule(
  "httpclient.modular",
  "Accepted for older configurations: the HTTP client of the steps is built in.",
  "http",
);
