import { expect, test } from "vitest";
import { deviceOf } from "../../../dashboard/format/device.ts";

const MOZILLA = "Mozilla/5.0";
const WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0";

test.each([
  [`${MOZILLA} (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0`, "Firefox · Windows"],
  [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/141.0.0.0`, "Edge · Windows"],
  [`${MOZILLA} (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/141.0.0.0 Safari/537.36`, "Chrome · Linux"],
  [`${MOZILLA} (X11; CrOS x86_64 14541.0.0) ${CHROME} Safari/537.36`, "Chrome · ChromeOS"],
  [`${MOZILLA} (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`, "Chrome · Android"],
  [`${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/19.0 Safari/605.1.15`, "Safari · macOS"],
  [
    `${MOZILLA} (iPhone; CPU iPhone OS 19_0 like Mac OS X) ${WEBKIT} Version/19.0 Mobile/15E148 Safari/604.1`,
    "Safari · iPhone",
  ],
  [`${MOZILLA} (Windows NT 10.0) ${CHROME} Safari/537.36 OPR/120.0.0.0`, "Opera · Windows"],
  ["curl/8.5.0", "curl/8.5.0"],
  ["node", "node"],
  ["", ""],
])("%s", (agent, device) => expect(deviceOf(agent)).toBe(device));
