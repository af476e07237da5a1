import { type Accessor, batch, onCleanup } from "solid-js";
import { createStore, unwrap } from "solid-js/store";
import { asFailure } from "../../api/failure.ts";
import { LEFT } from "../../api/left.ts";
import { announce } from "../../state/announce.ts";
import { t } from "../../text/text.ts";
import { answerName } from "./answer-name.ts";
import { modalityOf } from "./attachments.ts";
import { blindFor } from "./blind.ts";
import { chatBody, settingsProblem } from "./chat-request.ts";
import { loggedCost } from "./logged-cost.ts";
import { draws, type Models, modalitiesOf } from "./models.ts";
import { nothingYet, streamAnswer } from "./stream-answer.ts";
import {
  type Answer,
  type Attachment,
  addTurn,
  branchOf,
  type Column,
  chooseBranch,
  type Failure,
  standAnswer,
  type Thread,
  type Turn,
} from "./thread.ts";
import { keepThread } from "./thread-store.ts";

const newId = (): string => crypto.randomUUID();

export interface Play {
  thread: Thread;
  branch: () => Turn[];
  isStreaming: () => boolean;
  /** Replaces the thread by another, or changes parts of it. */
  set(parts: Partial<Thread>): void;
  /** Asks every column. `parent` is the turn that it follows. */
  send(text: string, attachments: Attachment[], parent: string | null): void;
  /** Asks one column once more. */
  again(turn: Turn, column: Column): void;
  choose(turn: Turn, by: 1 | -1): void;
  /** Looks at the answer before or after that one column gave to the same question. */
  look(turn: Turn, column: string, by: 1 | -1): void;
  /** Says which column answered a hidden turn best, or `TIE`: it is hidden no more. */
  vote(turn: Turn, column: string): void;
  /** Ends what is being answered, with what is there: in one column, or in all. */
  stop(column?: string): void;
}

/** A thread and what is going on in it. Leaving the page stops what is being answered. */
export function createPlay(
  start: Thread,
  options: { user: string; organization: Accessor<string>; models: Models },
): Play {
  const [thread, setThread] = createStore<Thread>(start);
  const running = new Map<string, { column: string; stop: AbortController; show: () => void }>();
  const [state, setState] = createStore({ running: 0 });

  // What all of them have said since: as often as the screen is drawn.
  const showAll = () => {
    batch(() => {
      for (const { show } of running.values()) show();
    });
    isShowing = running.size > 0;
    if (isShowing) requestAnimationFrame(showAll);
  };
  let isShowing = false;

  const keep = () => {
    if (thread.turns.length > 0) void keepThread(options.user, unwrap(thread)).catch(() => undefined);
  };
  const placeOf = (turnId: string) => thread.turns.findIndex(({ id }) => id === turnId);
  const setAnswer = (turnId: string, column: string, at: number, parts: Partial<Answer>) =>
    setThread("turns", placeOf(turnId), "answers", column, at, parts);

  /** Why a column is not asked at all. */
  function refusal(column: Column, branch: readonly Turn[]): Failure | null {
    const wrong = settingsProblem(column);
    if (wrong) return { status: null, code: null, message: t(`playground.wrong.${wrong}`) };
    const reads = modalitiesOf(options.models.find(column.model));
    const unread = branch
      .flatMap(({ attachments }) => attachments)
      .find((one) => reads && !reads.includes(modalityOf(one)));
    return unread === undefined
      ? null
      : { status: null, code: null, message: t(`playground.unread.${modalityOf(unread)}`, { model: column.model }) };
  }

  async function findCost(turnId: string, column: string, at: number, requestId: string): Promise<void> {
    const found = await loggedCost(requestId, () => placeOf(turnId) >= 0);
    if (!found || placeOf(turnId) < 0) return;
    setAnswer(turnId, column, at, found);
    keep();
  }

  // The page was left before the log had them.
  for (const turn of start.turns)
    for (const [column, answers] of Object.entries(turn.answers))
      for (const [at, { requestId, cost, state }] of answers.entries())
        if (requestId && cost === null && state !== "failed") void findCost(turn.id, column, at, requestId);

  async function run(turnId: string, column: Column): Promise<void> {
    const branch = branchOf(thread);
    const until = branch.slice(0, branch.findIndex(({ id }) => id === turnId) + 1);
    const at = until.at(-1)?.answers[column.id]?.length ?? 0;
    const growing = nothingYet();
    const answer: Answer = {
      id: newId(),
      state: "streaming",
      failure: null,
      model: column.model,
      cost: null,
      ...growing,
    };
    const body =
      refusal(column, until) ??
      chatBody(
        unwrap(thread),
        until.map((turn) => unwrap(turn)),
        unwrap(column),
        draws(options.models.find(column.model)),
      );
    batch(() => {
      setThread("turns", placeOf(turnId), "answers", column.id, (before = []) => [...before, answer]);
      // What is asked anew is what is looked at.
      setThread("turns", placeOf(turnId), ({ standing: { [column.id]: _, ...standing } = {} }) => ({ standing }));
    });
    if ("message" in body) {
      setAnswer(turnId, column.id, at, { state: "failed", failure: body as Failure });
      return;
    }
    const stop = new AbortController();
    let shown = -1;
    // Only what has changed.
    const show = () => {
      const length = growing.text.length + growing.reasoning.length + growing.calls.length;
      if (length !== shown) setAnswer(turnId, column.id, at, { ...growing, calls: [...growing.calls] });
      shown = length;
    };
    running.set(answer.id, { column: column.id, stop, show });
    setState("running", running.size);
    if (!isShowing) requestAnimationFrame(showAll);
    isShowing = true;
    const end = await streamAnswer(growing, {
      body,
      organization: options.organization(),
      session: `playground-${thread.id}`,
      signal: stop.signal,
    }).then(
      (state): Partial<Answer> => ({ state }),
      (thrown: unknown): Partial<Answer> => {
        if (stop.signal.aborted) return { state: "stopped" };
        const { status, code, message } = asFailure(thrown);
        return { state: "failed", failure: { status, code, message } };
      },
    );
    running.delete(answer.id);
    if (placeOf(turnId) < 0) return;
    batch(() => {
      setAnswer(turnId, column.id, at, { ...growing, calls: [...growing.calls], ...end });
      setState("running", running.size);
    });
    announce(
      t(`playground.ended.${end.state as "done" | "cut" | "stopped" | "failed"}`, {
        model: answerName(thread.turns[placeOf(turnId)] as Turn, column),
      }),
    );
    keep();
    if (growing.requestId) void findCost(turnId, column.id, at, growing.requestId);
  }

  const stop = (column?: string) => {
    for (const one of running.values()) if (column === undefined || one.column === column) one.stop.abort(LEFT);
  };
  onCleanup(() => {
    stop();
    keep();
  });

  return {
    thread,
    branch: () => branchOf(thread),
    isStreaming: () => state.running > 0,
    set: (parts) => {
      setThread(parts);
      keep();
    },
    send: (text, attachments, parent) => {
      const before = thread.turns.find(({ id }) => id === parent);
      const blind = blindFor(unwrap(thread), before);
      const turn: Turn = { id: newId(), parent, text, attachments, answers: {}, ...(blind ? { blind } : {}) };
      setThread({ ...addTurn(unwrap(thread), turn), at: Date.now() });
      announce(t("playground.asked"));
      for (const column of thread.columns) void run(turn.id, column);
      keep();
    },
    again: (turn, column) => void run(turn.id, column),
    choose: (turn, by) => {
      setThread(chooseBranch(unwrap(thread), unwrap(turn), by));
      keep();
    },
    look: (turn, column, by) => {
      setThread("turns", placeOf(turn.id), { standing: standAnswer(unwrap(turn), column, by) });
      keep();
    },
    vote: (turn, column) => {
      setThread("turns", placeOf(turn.id), "blind", (blind) => blind && { ...blind, vote: column });
      keep();
    },
    stop,
  };
}
