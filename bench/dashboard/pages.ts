import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { type Figure, gate } from "./figure.ts";
import type { Stage } from "./stage.ts";
import { emulate } from "./stage.ts";
import { seenBy, watchPages } from "./watch.ts";

const PAGES = [
  ...["/", "/logs", "/refused", "/usage", "/usage?tab=breakdown", "/usage?tab=explore", "/usage?tab=report"],
  ...[
    "/sessions",
    "/play",
    "/start",
    "/keys",
    "/orgs",
    "/members",
    "/budgets",
    "/routes",
    "/models",
    "/audit",
    "/settings",
  ],
  ...["/settings/webhooks", "/settings/retention", "/settings/books", "/me"],
];
const WIDTHS = [1440, 768, 320];
const THEMES = ["light", "dark"] as const;
const SETTLED_MS = 600;
/** Questions of one kind that a page may ask at once: panels, not rows. The report has three parts, and looks for what has no price. */
const OF_ONE_KIND = 4;

const shapeOf = (line: string): string =>
  line.replace(/\?.*/, "").replace(/\/(?:key_|org_|user_|[0-9A-HJKMNP-TV-Z]{26})[^/]*/g, "/:id");

async function settle(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  // A live feed never ends: what is there after a while is looked at.
  await page.waitForLoadState("networkidle", { timeout: SETTLED_MS * 3 }).catch(() => undefined);
  await page.waitForTimeout(SETTLED_MS);
}

/** Each page as it comes, in both themes and three widths: nothing jumps, nothing is wrong by axe's rules, nothing is said. */
export async function measurePages({ fresh, site }: Stage): Promise<Figure[]> {
  const said: string[] = [];
  const wrong: string[] = [];
  const jumps: [number, string][] = [];
  const perRow: string[] = [];
  const hosts = new Set<string>();
  const calls: [number, string][] = [];
  for (const colorScheme of THEMES)
    for (const width of WIDTHS) {
      const context = await fresh({ colorScheme, reducedMotion: "reduce", viewport: { width, height: 900 } });
      await watchPages(context, "h1");
      const page = await context.newPage();
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) said.push(`${page.url()} ${message.text()}`);
      });
      page.on("pageerror", (error) => said.push(`${page.url()} ${error}`));
      page.on("request", (request) => {
        const { host } = new URL(request.url());
        if (host !== new URL(site.origin).host && !request.url().startsWith("data:")) hosts.add(host);
      });
      for (const path of PAGES) {
        const where = `${path}, ${colorScheme}, ${width}`;
        // Once to have the API's answers at hand, once to look.
        if (colorScheme === "light" && width === WIDTHS[0]) {
          await page.goto(site.origin + path);
          await settle(page);
        }
        site.asked.length = 0;
        await page.goto("about:blank");
        await page.goto(site.origin + path);
        await settle(page);
        const { cls, shifts } = await seenBy(page);
        jumps.push([cls, `${where}: ${cls.toFixed(4)}; ${shifts.slice(0, 4).join("; ")}`]);
        const asked = site.asked.filter((line) => line.includes(" /api/"));
        calls.push([asked.length, where]);
        const kinds = Map.groupBy(asked, shapeOf);
        for (const [kind, all] of kinds)
          if (all.length > OF_ONE_KIND) perRow.push(`${where}: ${all.length} times ${kind}`);
        const { violations } = await new AxeBuilder({ page }).analyze();
        for (const { id, nodes } of violations) wrong.push(`${where}: ${id} ${nodes[0]?.html.slice(0, 120)}`);
      }
      await context.close();
    }
  const worst = jumps.toSorted(([a], [b]) => b - a);
  const most = calls.toSorted(([a], [b]) => b - a)[0];
  return [
    gate(
      "layout shift, the worst page of all themes and widths",
      worst[0]?.[0] ?? 0,
      0.005,
      "",
      worst.filter(([cls]) => cls > 0.005).map(([, text]) => text),
    ),
    gate(`axe, ${PAGES.length} pages × 2 themes × 3 widths`, wrong.length, 0, "violations", wrong),
    gate("errors and warnings in the console", said.length, 0, "", [...new Set(said)]),
    gate("hosts of others", hosts.size, 0, "", [...hosts]),
    gate("kinds of questions asked more than four times by a page", perRow.length, 0, "", perRow),
    { name: `most questions of a page to the API (${most?.[1]})`, measured: most?.[0] ?? 0 },
  ];
}

const LOOKED_AT = ["/", "/logs", "/usage", "/keys", "/settings"];

/** What has been answered before the largest picture of a page: everything after it costs nobody the sight of it. */
export async function measureRequests({ fresh, site }: Stage): Promise<Figure[]> {
  const counted: [number, string][] = [];
  for (const path of LOOKED_AT) {
    const context = await fresh({ reducedMotion: "reduce" });
    await watchPages(context, "h1");
    const page = await context.newPage();
    await emulate(page, "D");
    await page.goto(site.origin + path);
    await settle(page);
    const { lcp } = await seenBy(page);
    const before = await page.evaluate(
      (until) =>
        performance
          .getEntriesByType("resource")
          .filter((entry) => (entry as PerformanceResourceTiming).responseEnd <= until)
          .map(({ name }) => new URL(name).pathname),
      lcp,
    );
    counted.push([before.length + 1, `${path}: ${before.length + 1} (${before.join(" ")})`]);
    await context.close();
  }
  const worst = counted.toSorted(([a], [b]) => b - a);
  return [
    gate("requests answered before the largest picture, the first page", counted[0]?.[0] ?? 0, 8, "", [
      counted[0]?.[1] ?? "",
    ]),
    {
      name: `the same, the worst page (${worst[0]?.[1].split(":")[0]})`,
      measured: worst[0]?.[0] ?? 0,
      target: 8,
      found: worst.slice(0, 3).map(([, text]) => text),
    },
  ];
}

/** A row of the list holds what its columns show: no text of anybody. */
export async function measureRows({ ready }: Stage): Promise<Figure[]> {
  const answer = await fetch(`${ready.router}/api/requests?limit=50`, {
    headers: { authorization: `Bearer ${ready.adminKey}` },
  });
  const { data } = (await answer.json()) as { data: Record<string, unknown>[] };
  const bodies = data.filter((row) =>
    ["messages", "request", "response", "body", "content"].some((name) => name in row),
  );
  const narrow = await fetch(
    `${ready.router}/api/requests?limit=50&fields=created_at,status,requested_model,provider,key_name,tokens,cost_usd,duration_ms`,
    { headers: { authorization: `Bearer ${ready.adminKey}` } },
  );
  const rows = ((await narrow.json()) as { data?: unknown[] }).data ?? [];
  return [
    gate("rows of the log with a body", bodies.length, 0),
    {
      name: "a row of the log as the list asks for it",
      measured: Math.round(JSON.stringify(rows).length / Math.max(1, rows.length)),
      target: 400,
      unit: "B",
    },
  ];
}
