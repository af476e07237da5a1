import DOMPurify from "dompurify";
import { Marked, type Tokens } from "marked";

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

const marked = new Marked({
  gfm: true,
  breaks: false,
  renderer: {
    // What a model writes as HTML is text, and an image elsewhere is a link: nothing is fetched because of an answer.
    html: ({ text }) => escaped(text),
    image: ({ href, text }) => `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
    heading({ tokens }: Tokens.Heading) {
      return `<p><strong>${this.parser.parseInline(tokens)}</strong></p>`;
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

const ALLOWED = {
  ALLOWED_TAGS: [
    ...["p", "strong", "em", "del", "code", "pre", "a", "ul", "ol", "li", "blockquote", "hr", "br"],
    ...["table", "thead", "tbody", "tr", "th", "td"],
  ],
  ALLOWED_ATTR: ["href", "start"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  RETURN_DOM_FRAGMENT: true as const,
};

/** A block's marks as elements, of the few kinds that an answer needs; null: they stand in each other too deep to be read, inside a line or across lines. */
export function readMarks(raw: string): DocumentFragment | null {
  let html: string;
  try {
    html = marked.parse(raw, { async: false });
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return null;
  }
  const fragment = DOMPurify.sanitize(html, ALLOWED);
  for (const link of fragment.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  // What is wider than its place scrolls, and the keyboard can.
  for (const block of fragment.querySelectorAll<HTMLElement>("pre, table")) block.tabIndex = 0;
  return fragment;
}
