import chromiumPackage from "@sparticuz/chromium";

/** Chromium as it is, web security included: the npm package's own arguments would switch that off. */
export const chromiumPath = async (): Promise<string> =>
  process.env.CHROMIUM_PATH ?? (await chromiumPackage.executablePath());
