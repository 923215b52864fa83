import { defineModule } from "../../define/define.ts";
import { HttpHandler } from "../../port/http.ts";
import { StateMachineEngine } from "../../port/statemachine.ts";
import { any, count, file, lateRef, refAll, Type } from "../../schema/field.ts";
import { FieldMapping } from "./field_mapping.ts";
import { ResourceCollection } from "./resource.ts";
import { resourceHandle } from "./resource_route.ts";
import type { ResourceService } from "./resource_service.ts";
import { seedResources } from "./resource_seed.ts";
import { defaultInitialTransition, StateLink } from "./state_link.ts";

const defaultTransitions = {
  assign: "assign_responder",
  transfer: "transfer_to_responder",
  escalate: "escalate_to_medical",
  "wrap-up": "begin_wrap_up",
  close: "close_from_active",
  "follow-up": "schedule_follow_up",
  survey: "send_entry_survey",
};

const defaultSummaryFields = [
  "programId",
  "subProgram",
  "keyword",
  "responderId",
  "tags",
  "riskLevel",
  "summary",
  "aiSummary",
  "duration",
  "messageCount",
];

/** A REST collection in memory, whose resources may move through a state machine. */
export default defineModule({
  type: "api.handler",
  summary: "REST resources kept in memory, with state machine transitions.",
  category: "api",
  provides: [HttpHandler],
  carry: "instance",
  config: Type.Object({
    resourceName: Type.String({
      description: "Name of the collection in metrics.",
      default: "resources",
    }),
    workflowType: Type.String({
      description: "State machine definition of the resources; it also makes the sub-actions available.",
      default: "",
    }),
    workflowEngine: Type.Optional(
      lateRef(StateMachineEngine, { description: "State machine engine that new resources get an instance in." }),
    ),
    initialTransition: Type.String({
      description: "Transition that is fired after a resource was created.",
      default: defaultInitialTransition,
    }),
    instanceIDPrefix: Type.String({ description: "Text before the ids of state machine instances.", default: "" }),
    instanceIDField: Type.String({
      description: "Field of the data that gives the id of the state machine instance; else the resource's id.",
      default: "id",
    }),
    seedFile: Type.Optional(
      file({ description: "JSON file with a list of `{id, data, state}` that the collection starts with." }),
    ),
    stateFilter: Type.String({ description: "List only the resources in this state.", default: "" }),
    fieldMapping: Type.Record(
      Type.String(),
      any({ description: "Name of the field in the data, or a list of names: the first is written, all are read." }),
      { description: "Names of known fields in the data, such as `id`, `state` and `userId`.", default: {} },
    ),
    transitionMap: Type.Record(Type.String(), Type.String({ description: "Transition." }), {
      description: "Transitions by sub-action, beside those that are built in.",
      default: {},
    }),
    summaryFields: Type.Array(Type.String(), {
      description: "Fields that `GET …/{id}/summary` shows.",
      default: defaultSummaryFields,
    }),
    maxResources: count({ description: "Resources that the collection holds at most.", default: 100_000, minimum: 1 }),
    engines: refAll(StateMachineEngine, { description: "Engines that transitions fall back to." }),
  }),
  create({ name, log, runtime }, config) {
    const resources = new ResourceCollection(config.maxResources);
    const mapping = new FieldMapping(namesByField(config.fieldMapping));
    const link = new StateLink({ ...config, engine: config.workflowEngine, resources, log });
    const shared: ResourceService = {
      resources,
      mapping,
      link,
      clock: runtime.clock,
      uuid: runtime.uuid,
      onFailure: (message, facts) => log.error(message, facts),
      workflowType: config.workflowType,
      stateFilter: config.stateFilter,
      transitions: new Map(Object.entries({ ...defaultTransitions, ...config.transitionMap })),
      summaryFields: config.summaryFields,
    };
    const service: HttpHandler = { handler: (route) => resourceHandle(shared, route) };
    return {
      service,
      start(scope) {
        const help = "Resources that an api.handler holds.";
        const labels = { module: name, resource: config.resourceName };
        const count = () => resources.size;
        scope.defer("gauge", runtime.metrics.gauge("workflow_resources", help, labels, count));
        const { seedFile } = config;
        if (seedFile !== undefined) seedResources(seedFile, { resources, mapping, nowMs: runtime.clock.now(), log });
      },
      open: () => link.open(),
      drain: async () => link.close(),
    };
  },
});

function namesByField(written: Readonly<Record<string, unknown>>): ReadonlyMap<string, readonly string[]> {
  const names = Object.entries(written).map(([field, value]): [string, string[]] => {
    return [field, (Array.isArray(value) ? value : [value]).map(String).filter((name) => name !== "")];
  });
  return new Map(names.filter(([, list]) => list.length > 0));
}
