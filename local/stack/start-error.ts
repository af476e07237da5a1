/** Something the person at the terminal can put right: printed as its message alone, without a stack trace. */
export class StartError extends Error {
  override readonly name = "StartError";
}
