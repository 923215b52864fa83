import { Type } from "../schema/field.ts";

/** The setting `egress` of everything that calls other services: what it may reach beside the process's own rules. */
export const egressSettings = Type.Object(
  {
    allow: Type.Array(Type.String({ description: "A rule." }), {
      description:
        "What may be reached beside public addresses: `private`, `loopback`, addresses, CIDR blocks and host names, " +
        "`*.` in front for all names below one. Addresses of metadata services count only when they are listed.",
      default: [],
    }),
    deny: Type.Array(Type.String({ description: "A rule." }), {
      description: "What may not be reached, in the same forms; it wins over everything that is allowed.",
      default: [],
    }),
  },
  { description: "Which addresses may be called.", default: {} },
);
