import { type Accessor, createMemo, createSignal, type JSX, onCleanup, onMount } from "solid-js";

/** What is below the fold asks for its data when somebody comes there, and not before what is above has its own. */
export function WhenNear(props: { after: boolean; children: (near: Accessor<boolean>) => JSX.Element }) {
  const [near, setNear] = createSignal(false);
  /** What has begun stays, whatever is asked anew above. */
  const begun = createMemo<boolean>((before) => before || (near() && props.after), false);
  let place!: HTMLDivElement;
  onMount(() => {
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      setNear(true);
      observer.disconnect();
    });
    observer.observe(place);
    onCleanup(() => observer.disconnect());
  });
  return (
    <div ref={place} class="min-w-0">
      {props.children(begun)}
    </div>
  );
}
