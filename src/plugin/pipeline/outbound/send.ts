import { prefixed } from "../../../error/error.ts";
import { type OutboundAnswer, type OutboundRequest, sendOutbound } from "../../../net/outbound.ts";

/** A request whose answer is read completely, up to a number of bytes. */
export type Call = OutboundRequest & { readonly answerBytesMax: number };

/** Sends a request. */
export type Send = (request: Call) => Promise<OutboundAnswer>;

/** Sends a request of a step. Throws what `sendOutbound` does, as `request failed: …`. */
export const sendCall: Send = async (request) => {
  try {
    return await sendOutbound(request);
  } catch (error) {
    throw prefixed("request failed: ", error, "step.upstream");
  }
};
