import type { Candidate, CanonicalAnswer } from "./answer.ts";
import type { StreamEvent, UpstreamFailure } from "./stream-event.ts";

/** The answer that a stream's events add up to, and the failure it ended in, if it did. */
export interface Collected {
  answer: CanonicalAnswer;
  failure: UpstreamFailure | null;
}

/** Collects events; parts stand in the order they began, since a part that ends late may have begun first. */
export function collectAnswer(events: Iterable<StreamEvent>): Collected {
  const answer: CanonicalAnswer = { id: null, model: null, candidates: [], usage: null };
  const places = new Map<number, { candidate: Candidate; at: number }>();
  let failure: UpstreamFailure | null = null;
  const candidateAt = (index: number): Candidate => {
    const known = answer.candidates.find((candidate) => candidate.index === index);
    if (known !== undefined) return known;
    const made: Candidate = { index, parts: [], stop: { reason: "other" } };
    answer.candidates.push(made);
    return made;
  };
  for (const event of events) {
    switch (event.type) {
      case "answer_start":
        answer.id = event.id;
        answer.model = event.model;
        break;
      case "part_start": {
        const candidate = candidateAt(event.candidate);
        places.set(event.part, { candidate, at: candidate.parts.push(event.head) - 1 });
        break;
      }
      case "part_end": {
        const place = places.get(event.part);
        if (place !== undefined) place.candidate.parts[place.at] = event.final;
        break;
      }
      case "usage":
        answer.usage = event.usage;
        break;
      case "finish":
        candidateAt(event.candidate).stop = event.stop;
        break;
      case "error":
        failure ??= event.failure;
        break;
      default:
        break;
    }
  }
  return { answer, failure };
}
