import { TextField } from "./field.tsx";

/** A password, of the length the API takes; a new one is the browser's to suggest and to keep. */
export const PasswordField = (props: {
  label: string;
  hint?: string;
  name: string;
  autocomplete: "current-password" | "new-password";
  error: string | null;
}) => <TextField {...props} type="password" required maxlength={256} />;
