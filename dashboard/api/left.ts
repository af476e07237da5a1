/**
 * Why a question is given up whose answer nobody waits for. One for all: `abort()` without a reason makes an error each time, whose
 * stack holds the functions of that moment, and with them whole pages, for as long as the signal is held by anybody.
 */
export const LEFT = new DOMException("Nobody waits for it any more.", "AbortError");
