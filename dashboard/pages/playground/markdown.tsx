import DOMPurify from "dompurify";
import { Marked, type Tokens } from "marked";
import { createEffect, createMemo, createSignal, For, onCleanup, Show, untrack } from "solid-js";
import { type Blocks, endBlocks, growBlocks, isTooDeep, LONG_BLOCK, NO_BLOCKS } from "./markdown-blocks.ts";

/** A block longer than this is shown as it is written: to look for marks in it would hold up the page. */
const LONGEST_PARSED = 32_768;
const BLOCKS_A_FRAME = 8;

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

/** How the few kinds of elements look. */
const LOOK = [
  "min-w-0 space-y-2 break-words [unicode-bidi:isolate]",
  "[&_a]:text-accent [&_a]:underline [&_strong]:font-semibold",
  "[&_code]:rounded-chip [&_code]:bg-sunken [&_code]:px-1 [&_code]:font-mono [&_code]:text-meta",
  "[&_pre]:overflow-x-auto [&_pre]:rounded-panel [&_pre]:bg-sunken [&_pre]:p-3 [&_pre_code]:p-0",
  "[&_ul]:list-disc [&_ol]:list-decimal [&_ul]:ps-5 [&_ol]:ps-6",
  "[&_blockquote]:border-s-2 [&_blockquote]:border-edge [&_blockquote]:ps-3 [&_blockquote]:text-ink-2",
  "[&_table]:block [&_table]:overflow-x-auto [&_td]:border [&_td]:border-rule [&_td]:px-2 [&_td]:py-0.5",
  "[&_th]:border [&_th]:border-rule [&_th]:px-2 [&_th]:py-0.5 [&_th]:text-start [&_hr]:border-rule",
].join(" ");

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
function render(raw: string): DocumentFragment | null {
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

/**
 * A text with its marks, as it grows: blocks that are settled are parsed once and stay as they are. Each block reads in its own
 * direction, and nothing in it can turn the order of what is around it.
 */
export function Markdown(props: { text: string; isGrowing: boolean }) {
  const blocks = createMemo<Blocks>((before) => {
    const { text } = props;
    return growBlocks(text.length < before.length ? NO_BLOCKS : before, text);
  }, NO_BLOCKS);
  const settled = createMemo(() => (props.isGrowing ? blocks().settled : endBlocks(blocks())));
  // Of what comes all at once, some blocks a frame: a long answer must not hold up the page.
  const [begun, setBegun] = createSignal(BLOCKS_A_FRAME);
  createEffect(() => {
    if (begun() >= settled().length) return;
    const frame = requestAnimationFrame(() => setBegun((count) => count + BLOCKS_A_FRAME));
    onCleanup(() => cancelAnimationFrame(frame));
  });
  const shown = createMemo(() =>
    settled()
      .slice(0, begun())
      .map((_, index) => index),
  );
  return (
    <div class="space-y-2">
      {/* By place, for two blocks may be equal; a settled one never changes. */}
      <For each={shown()}>{(index) => <Block raw={untrack(settled)[index] ?? ""} most={LONGEST_PARSED} />}</For>
      <Show when={props.isGrowing && begun() >= settled().length && blocks().tail.trim() !== ""}>
        <Block raw={blocks().tail} most={LONG_BLOCK} />
      </Show>
    </div>
  );
}

function Block(props: { raw: string; most: number }) {
  let element!: HTMLDivElement;
  createEffect(() => {
    const { raw } = props;
    const marks = raw.length > props.most || isTooDeep(raw) ? null : render(raw);
    element.replaceChildren(marks ?? raw);
    element.classList.toggle("whitespace-pre-wrap", marks === null);
  });
  return <div ref={element} dir="auto" class={LOOK} />;
}
