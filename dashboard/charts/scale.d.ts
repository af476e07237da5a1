/**
 * The values of a chart's gridlines above zero, the last of them at or above `maximum`: round numbers, whole where `whole`
 * asks for them. Of nothing the scale goes to the least that can be counted.
 */
export declare function gridValues(
  maximum: number,
  {
    whole,
  }?: {
    whole?: boolean;
  },
): number[];
/** The largest value that must fit: of the sums of each bucket's parts, or of the single values, and of what is compared. */
export declare function largest(lists: readonly (readonly (number | null)[])[], stacked: boolean): number;
