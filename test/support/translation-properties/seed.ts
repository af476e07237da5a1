/** `TRANSLATION_SEED=… npx vitest …` replays a run of the translation's properties; each file prints the one it took. */
export const seed = Number(process.env.TRANSLATION_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.info(`translation: TRANSLATION_SEED=${seed}`);
