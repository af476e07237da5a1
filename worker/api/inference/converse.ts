import { notServed, type Route } from "../../router/resolve.ts";
import { answerRelayed } from "./answer.ts";
import { answerTranslated } from "./answer-translated.ts";
import { type Planning, planFor } from "./plan.ts";
import { type Sent, sendPlan } from "./send-plan.ts";
import type { Finish, Stage, Walk } from "./walk.ts";

/** A request for an answer: relayed in the client's own dialect, or translated. */
export async function converse(planning: Planning, routes: readonly Route[]): Promise<Walk> {
  const [best] = routes;
  if (best === undefined) throw notServed(planning.target, planning.call.operation);
  const first = await planFor(planning, best);
  return {
    admitFirst: first.fetches,
    async send(stage) {
      const { exchange, controller, gated } = stage;
      const sent = await sendPlan({ planning, routes, first, exchange, controller, gated });
      return finishConversation(planning, stage, sent);
    },
  };
}

/** What is made of a provider's answer: the same bytes, or the same in the client's dialect. */
export function finishConversation(planning: Planning, stage: Stage, { response, plan }: Sent): Finish {
  const { call, dialect, facts, target, timeouts, body } = planning;
  const answering = { ...stage, call, dialect, facts, target, timeouts, response, plan, body: body.body };
  const { translation } = plan;
  return () => (translation === null ? answerRelayed(answering) : answerTranslated(answering, translation));
}
