import { defineModule } from "../../define/define.ts";
import { HttpMiddleware } from "../../port/http.ts";
import { Type } from "../../schema/field.ts";
import { changed } from "./changed.ts";

/** What is taken over from a client ends up in logs and in answers: visible ASCII of a bounded length, nothing else. */
const acceptable = /^[\x21-\x7e]{1,128}$/;

/** Gives every request an id that logs and the response carry. */
export default defineModule({
  type: "http.middleware.requestid",
  summary: "Takes the id of a request from `X-Request-ID`, or makes one, and sends it back.",
  category: "middleware",
  provides: [HttpMiddleware],
  config: Type.Object({}),
  create({ runtime }) {
    const service: HttpMiddleware = {
      wrap: (next) => (exchange) => {
        const given = exchange.headers.get("x-request-id");
        const id = given !== null && acceptable.test(given) ? given : runtime.uuid();
        exchange.requestId = id;
        return changed(next(exchange), (response) => response.headers.set("x-request-id", id));
      },
    };
    return { service };
  },
});
