/** Another page of the floor. */
export const Second = () => <h1 class="text-h1 font-[650]">Second</h1>;
