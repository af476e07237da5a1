/** The size of the chart with its bar of controls, its caption and its legend. */
export const ChartSkeleton = () => <div class="h-[19.625rem]" aria-hidden="true" />;
