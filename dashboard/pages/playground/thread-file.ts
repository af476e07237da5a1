import {
  type Answer,
  answerOf,
  branchOf,
  type Column,
  letterOf,
  type Thread,
  TIE,
  type Turn,
  titleOf,
} from "./thread.ts";

/** What a file of a thread is called, without its ending: its day, and the id by which the log knows it as a session. */
export const fileName = ({ id, at }: Thread): string => `playground-${new Date(at).toISOString().slice(0, 10)}-${id}`;

const figuresOf = (answer: Answer): string =>
  [
    answer.provider,
    answer.attempts > 1 ? `${answer.attempts} attempts` : null,
    answer.inputTokens === null ? null : `${answer.inputTokens} tokens in`,
    answer.outputTokens === null ? null : `${answer.outputTokens} tokens out`,
    answer.durationMs === null ? null : `${answer.durationMs} ms`,
    answer.cost === null || answer.cost === "none" ? null : `$${answer.cost}`,
    answer.requestId,
  ]
    .filter((figure) => figure !== null)
    .join(" · ");

/** One answer under its model's name: what the model wrote, as it wrote it, and what it took. */
function answerWords(turn: Turn, column: Column): string[] {
  const answer = answerOf(turn, column.id);
  if (!answer) return [];
  const { failure, calls, images, state, text } = answer;
  return [
    `### ${answer.model}`,
    ...(text ? [text] : []),
    ...calls.map((call) => `\`\`\`json\n${JSON.stringify(call, null, 2)}\n\`\`\``),
    ...(images ?? []).map((data, index) => `![Image ${index + 1}](${data})`),
    ...(failure ? [`Failed: ${[failure.status, failure.code, failure.message].filter(Boolean).join(" · ")}`] : []),
    ...(state === "stopped" || state === "cut" ? [`(${state})`] : []),
    `*${figuresOf(answer)}*`,
    "---",
  ];
}

/** Which of the answers was voted the best, where they were hidden until then. */
function voteWords(turn: Turn, columns: readonly Column[]): string[] {
  const vote = turn.blind?.vote;
  if (!vote) return [];
  const best = columns.find(({ id }) => id === vote);
  const name = best && (answerOf(turn, best.id)?.model ?? best.model);
  return [`Blind vote: ${vote === TIE ? "a tie" : [letterOf(turn, vote), name].filter(Boolean).join(" · ")}`];
}

/** The branch that is looked at, and of each column the answer that stands, to be read by people. */
export const asMarkdown = (thread: Thread): string =>
  `${[
    `# ${titleOf(thread)}`,
    ...(thread.system.trim() ? ["## System", thread.system.trim()] : []),
    ...branchOf(thread).flatMap((turn) => [
      "## Question",
      turn.text,
      ...turn.attachments.map(({ name, type }) => `(${name}, ${type})`),
      ...thread.columns.flatMap((column) => answerWords(turn, column)),
      ...voteWords(turn, thread.columns),
    ]),
  ].join("\n\n")}\n`;

/** All of a thread: every branch, every answer, attachments included. */
export const asJson = (thread: Thread): string => `${JSON.stringify(thread, null, 2)}\n`;
