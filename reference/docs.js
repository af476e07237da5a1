/* global SwaggerUIBundle */
// Swagger UI, from the document of the same origin; nothing is fetched from elsewhere.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  tryItOutEnabled: false,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
