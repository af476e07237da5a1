/* global Redoc */
// Redoc, from the document of the same origin; nothing is fetched from elsewhere.
Redoc.init(
  "/openapi.json",
  {
    // Its search runs in a worker made of a text, which the page's policy does not allow.
    disableSearch: true,
    hideDownloadButton: false,
    nativeScrollbars: true,
    requiredPropsFirst: true,
    theme: { typography: { fontFamily: "system-ui, sans-serif", headings: { fontFamily: "system-ui, sans-serif" } } },
  },
  document.getElementById("reference"),
);
