import { createSignal, type JSX, onCleanup, onMount, Show } from "solid-js";

/** What is below the fold asks for its data when somebody comes near. */
export function WhenNear(props: { placeholder: JSX.Element; children: JSX.Element }) {
  const [near, setNear] = createSignal(false);
  let place!: HTMLDivElement;
  onMount(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        setNear(true);
        observer.disconnect();
      },
      { rootMargin: "120px" },
    );
    observer.observe(place);
    onCleanup(() => observer.disconnect());
  });
  return (
    <div ref={place} class="min-w-0">
      <Show when={near()} fallback={props.placeholder}>
        {props.children}
      </Show>
    </div>
  );
}
