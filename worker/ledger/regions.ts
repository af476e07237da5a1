import type { Region } from "./shard-client.ts";

/** What Cloudflare tells of where a request came in. */
export interface Origin {
  continent?: string | undefined;
  longitude?: string | undefined;
}

/** Where one half of a continent ends, in degrees east. */
const AMERICA = -100;
const EUROPE = 15;

/** The region of Durable Objects that is nearest to where a request came in. */
export function regionOf({ continent, longitude }: Origin): Region {
  const degrees = Number(longitude ?? Number.NaN);
  switch (continent) {
    case "NA":
      return degrees < AMERICA ? "wnam" : "enam";
    case "SA":
      return "sam";
    case "EU":
      return degrees > EUROPE ? "eeur" : "weur";
    case "AS":
      return degrees < 60 ? "me" : "apac";
    case "OC":
      return "oc";
    case "AF":
      return "afr";
    default:
      return "local";
  }
}
