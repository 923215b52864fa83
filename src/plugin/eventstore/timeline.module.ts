import { defineModule } from "../../define/define.ts";
import { EventStore } from "../../port/event_store.ts";
import { HttpHandler } from "../../port/http.ts";
import { optionalRef, refAll, Type } from "../../schema/field.ts";
import { routesBelow } from "./route_below.ts";
import { refusedRoutes, replayRoutes, timelineRoutes } from "./timeline_route.ts";

/** Executions as an event store tells them, and their repetition, on the engine's port. */
export default defineModule({
  type: "timeline.service",
  summary: "Answers requests about executions, as an event store tells them, below a path that ends in /executions.",
  category: "eventstore",
  provides: [HttpHandler],
  serviceNames: (name) => [`${name}.timeline`, `${name}.replay`],
  config: Type.Object({
    event_store: optionalRef(EventStore, {
      description: "Event store to read; without one that is there, any event store.",
      fallback: ["admin-event-store"],
    }),
    stores: refAll(EventStore, { description: "Every event store." }),
  }),
  create({ name, log, runtime }, { event_store, stores: [first] }) {
    const store = event_store ?? first;
    const { runControl } = runtime;
    const timeline = timelineRoutes(store);
    const replay = replayRoutes(store, runControl);
    const serving = (routes: typeof timeline): HttpHandler => ({ handler: () => routesBelow("executions", routes) });
    const whole = [...refusedRoutes("executions"), ...timeline, ...replay];
    return {
      service: {
        handler: () => {
          const executions = routesBelow("executions", whole);
          const backfill = routesBelow("backfill", refusedRoutes("backfill"));
          const mocks = routesBelow("mocks", refusedRoutes("mocks"));
          return (exchange) => {
            if (/\/backfill(\/|$)/.test(exchange.path)) return backfill(exchange);
            return /\/mocks(\/|$)/.test(exchange.path) ? mocks(exchange) : executions(exchange);
          };
        },
      } satisfies HttpHandler,
      services: { [`${name}.timeline`]: serving(timeline), [`${name}.replay`]: serving(replay) },
      open() {
        if (store === undefined) log.warn("There is no event store: the timeline answers nothing");
      },
    };
  },
});
