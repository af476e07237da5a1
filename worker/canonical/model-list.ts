/** Whether a public name is in a list of models: as it is, or by its provider (`openai/*`). */
export const isListed = (models: readonly string[], name: string): boolean =>
  models.includes(name) || (name.includes("/") && models.includes(`${name.slice(0, name.indexOf("/"))}/*`));
