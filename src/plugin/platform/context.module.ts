import { defineModule } from "../../define/define.ts";
import { PlatformContext } from "../../port/platform.ts";
import { any, Type } from "../../schema/field.ts";

/** Names the organization, environment and tier that a configuration belongs to. */
export default defineModule({
  type: "platform.context",
  summary: "Organization, environment and tier of the deployment, for components that ask for them.",
  category: "platform",
  provides: [PlatformContext],
  carry: "instance",
  config: Type.Object({
    org: Type.String({ description: "Organization.", minLength: 1 }),
    environment: Type.String({ description: "Environment, such as `production`.", minLength: 1 }),
    tier: Type.Optional(
      any({ description: "Tier: `infrastructure`, `shared_primitive`, `application`, or a number." }),
    ),
    path: Type.Optional(Type.String({ description: "Path of the context in the hierarchy." })),
  }),
  create(_context, { org, environment, tier, path }) {
    const service: PlatformContext = { org, environment, tier, path };
    return { service };
  },
});
