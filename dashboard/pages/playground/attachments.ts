import type { Attachment } from "./thread.ts";

const TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf"];
/** What a file picker offers. */
export const ACCEPTED = TYPES.join(",");
const LARGEST = 8 * 1024 * 1024;

export type Refusal = "type" | "size";

/** A file as a `data:` URL, or why it cannot be sent. */
export async function readFile(file: File): Promise<Attachment | Refusal> {
  if (!TYPES.includes(file.type)) return "type";
  if (file.size > LARGEST) return "size";
  const data = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  return { name: file.name, type: file.type, data };
}

/** What a model must read for an attachment. */
export const modalityOf = ({ type }: Attachment): "image" | "pdf" => (type === "application/pdf" ? "pdf" : "image");
