/**
 * What a query that is not always asked has found. To read the `data` of one that has none yet ties the page to it: each time it
 * is asked anew, if only with other options, the page is taken away and put back, and what has the focus loses it.
 */
export const known = <Data>(query: { isPending: boolean; data: Data | undefined }): Data | undefined =>
  query.isPending ? undefined : query.data;
