// The font of ids and code comes when the page has its first data: by the time something is written in it, it is there and moves nothing.
addEventListener("load", () => setTimeout(() => document.fonts.load('1em "Atkinson Hyperlegible Mono"'), 1000));

// Runs before any module is read: who is there, and the files of the page that is wanted, are asked for at once. The build puts
// the names of the files in the place of FILES; without a build there is nothing to ask for but who is there.
try {
  if (localStorage.getItem("signed-in") !== null) {
    const place = sessionStorage.getItem("place");
    window.account = fetch("/api/me", {
      headers: Object.assign({ "x-gaia-csrf": "1" }, place ? { "x-gaia-organization": place } : {}),
    });
    // What failed is told by whoever takes it.
    window.account.catch(() => undefined);
  }
  const kept = localStorage.getItem("locale");
  const named = kept ?? navigator.languages.find((one) => /^(?:en|zh)\b/i.test(one)) ?? "en";
  const { pages, words } = window.FILES ?? { pages: {}, words: {} };
  const page = location.pathname.split("/")[1];
  const language = named.startsWith("zh") ? "zh-CN" : "en";
  for (const file of [...(pages[page] ?? []), words[language]?.frame, words[language]?.[page]].flat()) {
    if (!file) continue;
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = `/assets/${file}.js`;
    document.head.append(link);
  }
} catch {
  // Storage is switched off: they come a little later.
}
