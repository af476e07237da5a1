/** Chromium as it is, web security included: the npm package's own arguments would switch that off. */
export declare const chromiumPath: () => Promise<string>;
