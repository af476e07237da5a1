import { Agent, request } from "node:http";

/** One HTTP request, ready to be sent again and again. */
export interface Call {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface Answer {
  status: number;
  /** Pieces in which the body came. workerd sends one HTTP chunk for each read of its upstream; Node reports each. */
  pieces: number;
  bytes: number;
  /** When it was sent, by `performance.now()`. */
  begun: number;
  /** Milliseconds from sending to the first byte of the body. */
  firstByte: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

export const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Sends one request and reads its answer to the end. Throws on any status but 200: a failed request measures nothing. */
export function send(call: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const outgoing = request(call.url, { method: "POST", agent, headers: call.headers }, (incoming) => {
      const answer: Answer = { status: incoming.statusCode ?? 0, pieces: 0, bytes: 0, begun, firstByte: 0 };
      let text = "";
      incoming.on("data", (piece: Buffer) => {
        if (answer.pieces === 0) answer.firstByte = performance.now() - begun;
        answer.pieces++;
        answer.bytes += piece.byteLength;
        if (answer.status !== 200) text += piece.toString();
      });
      incoming.once("error", reject);
      incoming.once("end", () => {
        if (answer.status === 200) resolve(answer);
        else reject(new Error(`${call.url} answered ${answer.status}: ${text.slice(0, 500)}`));
      });
    });
    outgoing.once("error", reject);
    outgoing.end(call.body);
  });
}

/** `count` requests at once, their starts spread over `over` milliseconds so that they do not march in step. */
export const sendSpread = (call: Call, count: number, over: number): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await sleep((over * index) / count);
      return send(call);
    }),
  );

/** As fast as they are answered, `concurrency` under way at any time, until `duration` milliseconds are over. */
export async function sendSaturated(call: Call, concurrency: number, duration: number): Promise<Answer[]> {
  const until = performance.now() + duration;
  const answers: Answer[] = [];
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < until) answers.push(await send(call));
    }),
  );
  return answers;
}

/** One after the other. */
export async function sendInTurn(call: Call, count: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < count; i++) answers.push(await send(call));
  return answers;
}

/** Ends the connections that are kept open. */
export const closeConnections = (): void => agent.destroy();
