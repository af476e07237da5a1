import { forward } from "../forward.ts";

/** `/v1/*`: the models, for the page's playground; clients may use it too. */
export const onRequest = forward;
