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
  invite: {
    title: "You are invited",
    lead: "Choose a password, and you are in.",
    name: "Your name",
    nameHint: "How others see you. If you have an account already, it stays as it is.",
    passwordHint: "A new one; or, if you have an account here, the one you have.",
    action: "Accept and sign in",
  },
  reset: {
    title: "A new password",
    lead: "It ends all your sessions.",
    password: "New password",
    action: "Set it",
    done: "Your password is set.",
  },
} as const;
