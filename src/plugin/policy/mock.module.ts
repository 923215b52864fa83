import { defineModule } from "../../define/define.ts";
import { PolicyEngine } from "../../port/policy.ts";
import { Type } from "../../schema/field.ts";

/** Stands for a policy engine in tests and on developers' machines: it looks for one word and reads no policy. */
export default defineModule({
  type: "policy.mock",
  summary: "Policy engine for tests, which denies everything while a loaded policy contains the word deny.",
  category: "policy",
  provides: [PolicyEngine],
  carry: "instance",
  config: Type.Object({
    policies: Type.Array(
      Type.Object({
        name: Type.Optional(Type.String({ description: "Name; `policy-` and the position, from 0, without." })),
        content: Type.String({ description: "Text of the policy." }),
      }),
      { description: "Policies that are loaded from the start.", default: [] },
    ),
  }),
  create({ name }, { policies }) {
    const loaded = new Map<string, string>();
    for (const [index, { name: policy = "", content }] of policies.entries()) {
      loaded.set(policy === "" ? `policy-${index}` : policy, content);
    }
    const service: PolicyEngine = {
      name,
      async evaluate() {
        const denying = [...loaded].filter(([, content]) => content.toLowerCase().includes("deny"));
        const reasons = denying.map(([policy]) => `policy ${JSON.stringify(policy)} denies`);
        return { allowed: denying.length === 0, reasons, metadata: { backend: "mock" } };
      },
      async load(policy, content) {
        loaded.set(policy, content);
      },
      async list() {
        return [...loaded.keys()].map((policy) => ({ name: policy, backend: "mock" }));
      },
    };
    return { service };
  },
});
