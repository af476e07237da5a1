/** Whether this browser has passkeys for this page: never for a bare IP address, which WebAuthn knows no site by. */
export const hasPasskeys = (): boolean =>
  typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function" &&
  !/^[\d.]+$|^\[/.test(location.hostname);
