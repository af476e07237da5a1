/** Extra facts some vendors put into an error. */
export interface FailureDetail {
  /** The vendor's words; its usual sentence for the status when absent. */
  message?: string;
  /** OpenAI's `param`. */
  param?: string;
  /** OpenAI's `code`. */
  code?: string;
  /** A permanent quota rather than a passing rate limit (429), or a prompt that is too long (400). */
  reason?: "quota" | "context-length" | "invalid-key";
  /** Google's `fieldViolations`. */
  field?: string;
}

/** A refusal to be written in the vendor's own envelope. */
export class Failure extends Error {
  readonly status: number;
  readonly detail: FailureDetail;

  constructor(status: number, detail: FailureDetail = {}) {
    super(detail.message ?? `status ${status}`);
    this.name = "Failure";
    this.status = status;
    this.detail = detail;
  }
}
