import { defineModule } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { MessageHandler } from "../../port/messaging.ts";
import { secret, Type } from "../../schema/field.ts";
import { textOf } from "./payload.ts";

/** Time for Slack to answer, in milliseconds; guessed, Slack itself gives up after 3 s in the other direction. */
const answerMs = 30_000;

/** Posts messages to a Slack channel. */
export default defineModule({
  type: "notification.slack",
  summary: "Posts each message as text to a Slack incoming webhook.",
  category: "messaging",
  provides: [MessageHandler],
  config: Type.Object({
    webhookURL: secret({ description: "URL of the incoming webhook; whoever knows it can post." }),
    channel: Type.Optional(Type.String({ description: "Channel to post to; the webhook's own without." })),
    username: Type.String({ description: "Name shown as the author.", default: "workflow-bot" }),
  }),
  create(_context, { webhookURL, channel, username }) {
    const url = webhookURL.reveal();
    if (url === "") {
      throw new WorkflowError("config.required", 'required config field "webhookURL" must be a non-empty string');
    }
    const author = { ...(channel === undefined || channel === "" ? {} : { channel }), username };
    const service: MessageHandler = {
      async handleMessage({ payload }) {
        const body = encodeJson({ ...author, text: textOf(payload) });
        const response = await post(url, body);
        await response.body?.cancel();
        if (!response.ok) {
          throw new WorkflowError("step.upstream", `slack webhook returned status ${response.status}`);
        }
      },
    };
    return { service };
  },
});

async function post(url: string, body: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  try {
    return await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(answerMs) });
  } catch (error) {
    // The URL is a credential: it must not stand in the message.
    throw prefixed("slack webhook cannot be reached: ", withoutText(error, url), "step.upstream");
  }
}

function withoutText(error: unknown, secretText: string): Error {
  const text = error instanceof Error ? error.message : String(error);
  return new Error(text.replaceAll(secretText, "***"));
}
