/** Hands a text, or bytes, over as a file of some kind. */
export function download(name: string, text: string | Uint8Array<ArrayBuffer>, type = "text/csv"): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.target = "_self";
  link.click();
  URL.revokeObjectURL(url);
}
