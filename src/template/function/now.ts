import { formatGoTime, goLayoutNamed } from "../../time/go_layout.ts";
import { defineFunction } from "../define_function.ts";

/** The current time. Arguments after the layout are accepted and have no effect, as older configurations pass them. */
export default defineFunction({
  name: "now",
  summary: "The current time in UTC.",
  parameters: [
    {
      name: "layout",
      type: "string",
      optional: true,
      rest: true,
      description: "A Go reference layout such as 2006-01-02, or the name of one such as RFC1123; RFC3339 when empty.",
    },
  ],
  call([layout], _scope, site) {
    const name = typeof layout === "string" && layout !== "" ? layout : "RFC3339";
    return formatGoTime(goLayoutNamed(name), site.clock.now());
  },
});
