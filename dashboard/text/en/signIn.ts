/** Signing in, and the links that let people in. */
export const texts = {
  title: "Sign in",
  lead: "One endpoint in front of every model provider.",
  email: "E-mail",
  password: "Password",
  action: "Sign in",
  busy: "Signing in…",
  wait: "Wait {{ seconds }} s",
  oidc: "Sign in with your identity provider",
  access: "Sign in with Cloudflare Access",
  local: "On your own machine, the e-mail and the password stand in the terminal that started the gateway.",
  or: "or",
} as const;
