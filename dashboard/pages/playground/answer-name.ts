import { t } from "../../text/text.ts";
import { type Column, isHidden, letterOf, type Turn } from "./thread.ts";

/** What a column's answer is called: by its model, or as long as that is hidden by its letter. */
export const answerName = (turn: Turn, { id, model }: Column): string =>
  isHidden(turn) ? t("playground.blind.answer", { letter: letterOf(turn, id) ?? "–" }) : model;
