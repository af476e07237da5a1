/** The button of a request's row in the list, when it is there. */
export const buttonOfRow = (id: string): HTMLElement | null =>
  document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"] button`);
