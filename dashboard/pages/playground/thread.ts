/** What a model is asked with, beside the words. Empty texts are not sent. */
export interface Settings {
  temperature: string;
  topP: string;
  maxTokens: string;
  effort: string;
  /** A JSON array of tools, as Chat takes them. */
  tools: string;
  /** A JSON schema that the answer must have. */
  schema: string;
}

/** One of the models side by side. */
export interface Column {
  id: string;
  model: string;
  settings: Settings;
}

export interface Attachment {
  name: string;
  /** `image/png`, `application/pdf` … */
  type: string;
  /** A `data:` URL. */
  data: string;
}

export interface Failure {
  status: number | null;
  code: string | null;
  message: string;
}

/** What one model said once. */
export interface Answer {
  id: string;
  state: "streaming" | "done" | "stopped" | "failed" | "cut";
  text: string;
  reasoning: string;
  /** Calls of tools, as JSON to read; nobody runs them here. */
  calls: { name: string; arguments: string }[];
  /** Images that the model made, as `data:` URLs. */
  images?: string[];
  /** How many more it made, which are not shown. */
  imagesLeft?: number;
  failure: Failure | null;
  model: string;
  /** What the gateway says of the request: `x-request-id`, `x-gaia-*`. */
  requestId: string | null;
  provider: string | null;
  upstreamModel: string | null;
  attempts: number;
  warnings: string[];
  /** Milliseconds until the first of it was here, and until all of it was. */
  firstMs: number | null;
  durationMs: number | null;
  outputTokens: number | null;
  inputTokens: number | null;
  /** Exact USD, as the log has it; null: not known yet, `none`: the model has no price. */
  cost: string | null;
}

/** In place of a column's id: no answer was better than the others. */
export const TIE = "tie";

/** Answers whose models are hidden until one has voted, and what was voted. */
export interface Blind {
  /** Ids of the columns as their answers stand, the first as A. */
  order: string[];
  /** The id of the column that answered best, or `TIE`; null: not voted yet. */
  vote: string | null;
}

/** What was asked once, and every answer to it by column, the latest last. */
export interface Turn {
  id: string;
  /** The turn before; null: it begins the thread. */
  parent: string | null;
  text: string;
  attachments: Attachment[];
  answers: Record<string, Answer[]>;
  /** Which of a column's answers stands, by the column's id, where that is not the latest. */
  standing?: Record<string, number>;
  /** That the models are or were hidden until a vote, and the vote. */
  blind?: Blind | undefined;
}

/** A tree of turns, of which one branch is looked at. */
export interface Thread {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  system: string;
  columns: Column[];
  turns: Turn[];
  /** Which child of a turn is on the branch, by the turn's id; of the first turns by `""`. */
  chosen: Record<string, string>;
  /** Whether the next answers hide who gave them. */
  isBlind?: boolean;
}

export const NO_SETTINGS: Settings = { temperature: "", topP: "", maxTokens: "", effort: "", tools: "", schema: "" };
export const MOST_COLUMNS = 4;
/** Where a browser keeps which models were asked last. */
export const LAST_MODELS = "playground-models";

export const emptyThread = (id: string, at: number, columns: Column[]): Thread => ({
  ...{ id, at, columns, system: "", turns: [], chosen: {} },
});

/** A question that nobody has asked yet. */
export const sampleTurn = (text: string): Turn => ({ id: "", parent: null, text, attachments: [], answers: {} });

/** What follows a turn, oldest first; null: what begins the thread. */
export const childrenOf = ({ turns }: Thread, parent: string | null): Turn[] =>
  turns.filter((turn) => turn.parent === parent);

/** The branch that is looked at, from its beginning. */
export function branchOf(thread: Thread): Turn[] {
  const branch: Turn[] = [];
  for (let parent: string | null = null; ; ) {
    const children = childrenOf(thread, parent);
    const next: Turn | undefined = children.find(({ id }) => id === thread.chosen[parent ?? ""]) ?? children.at(-1);
    // A turn twice would be a circle, which nothing here makes; a thread from another version is read all the same.
    if (next === undefined || branch.includes(next)) return branch;
    branch.push(next);
    parent = next.id;
  }
}

/** Adds a turn after another, and looks at it: after the last it goes on, beside others it is a branch of its own. */
export function addTurn(thread: Thread, turn: Turn): Thread {
  return {
    ...thread,
    turns: [...thread.turns, turn],
    chosen: { ...thread.chosen, [turn.parent ?? ""]: turn.id },
  };
}

/** Looks at the branch before or after a turn's; at the ends it stays. */
export function chooseBranch(thread: Thread, turn: Turn, by: 1 | -1): Thread {
  const children = childrenOf(thread, turn.parent);
  const next = children[children.findIndex(({ id }) => id === turn.id) + by];
  return next ? { ...thread, chosen: { ...thread.chosen, [turn.parent ?? ""]: next.id } } : thread;
}

/** Which of a column's answers stands: the latest, unless another was gone back to. */
export const placeOfAnswer = ({ answers, standing }: Turn, column: string): number => {
  const last = (answers[column]?.length ?? 0) - 1;
  return Math.min(standing?.[column] ?? last, last);
};

/** The answer of a column that stands: what is shown, and what the next question follows. */
export const answerOf = (turn: Turn, column: string): Answer | undefined =>
  turn.answers[column]?.[placeOfAnswer(turn, column)];

/** A turn's `standing` with a column's answer before or after; at the ends it stays. */
export function standAnswer(turn: Turn, column: string, by: 1 | -1): Record<string, number> {
  const last = (turn.answers[column]?.length ?? 0) - 1;
  const at = Math.max(0, Math.min(last, placeOfAnswer(turn, column) + by));
  const { [column]: _, ...others } = turn.standing ?? {};
  return at >= last ? others : { ...others, [column]: at };
}

/** What a thread is called: how it began. */
export const titleOf = ({ turns }: Thread): string => {
  const text = turns[0]?.text.trim().replace(/\s+/g, " ") ?? "";
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
};

/** Whether a turn does not say yet which model answered what. */
export const isHidden = ({ blind }: Turn): boolean => blind?.vote === null;

export const letterAt = (place: number): string => String.fromCharCode(65 + place);

/** The letter of a column in a turn that is or was hidden; null: it has none. */
export function letterOf({ blind }: Turn, column: string): string | null {
  const place = blind?.order.indexOf(column) ?? -1;
  return place < 0 ? null : letterAt(place);
}
