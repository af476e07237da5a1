/**
 * Heights for labels that want to stand at `wanted`, at least `gap` apart and between `from` and `to`; their order stays
 * that of what they want. Where they do not all fit they stand evenly.
 */
export function spread(wanted: readonly number[], gap: number, from: number, to: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const room = to - from;
  const apart = Math.min(gap, order.length > 1 ? room / (order.length - 1) : gap);
  const places: number[] = [];
  for (const index of order) places.push(Math.max(wanted[index] ?? 0, (places.at(-1) ?? from - apart) + apart));
  // What was pushed over the end goes back, and takes along what stands in its way.
  let limit = to;
  for (let place = places.length - 1; place >= 0; place--) {
    places[place] = Math.min(places[place] ?? 0, limit);
    limit = (places[place] ?? 0) - apart;
  }
  const result: number[] = [];
  order.forEach((index, place) => {
    result[index] = places[place] ?? 0;
  });
  return result;
}
