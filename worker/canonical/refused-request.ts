/** A request that was refused before it was admitted: nothing was sent, and nothing is counted. */
export interface RefusedRequest {
  /** The answer's `x-request-id`. */
  id: string;
  keyId: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** The client's wire format. */
  dialect: string;
  operation: string;
  /** As the client named it; null where its body was not read so far. */
  requestedModel: string | null;
  client: string | null;
  status: number;
  errorCode: string;
  /** The field at fault. */
  param: string | null;
  /** What the client was told; null where that may quote what it sent, or from where. */
  message: string | null;
  limitId: string | null;
}

/** The same, with how many like it came within the same seconds and have no row of their own. */
export interface RefusedRow extends RefusedRequest {
  repeated: number;
}
