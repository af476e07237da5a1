import { type QueryClient, useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { type Accessor, createContext, createEffect, type JSX, Show, useContext } from "solid-js";
import { api, ask } from "../api/client.ts";
import { asFailure } from "../api/failure.ts";
import { unmark } from "../api/sign-in.ts";
import { useQuery } from "../api/use-query.ts";

/** Who is signed in, where they act, and what they may do there. */
export type Account = InferResponseType<typeof api.me.$get>;

/** `keys:write`: something that a role may do, as the API names it. */
export type Permission = Account["permissions"][number];

interface AccountContext {
  account: Accessor<Account>;
  /** Whether their role there may do this: `keys:write`. */
  can(permission: Permission): boolean;
  /** Throws an `ApiFailure` when the gateway could not be told. */
  signOut(): Promise<void>;
}

const Context = createContext<AccountContext>();
const KEPT = "account";

function kept(): Account | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "") as Account;
  } catch {
    return undefined;
  }
}

const question = () => ({
  queryKey: ["me"],
  queryFn: ({ signal }: { signal: AbortSignal }) => ask(api.me.$get({}, { init: { signal } })),
  initialData: kept,
  initialDataUpdatedAt: 0,
});

/** Asks who is signed in before there is anything to show. */
export const askAccount = (client: QueryClient): void => void client.prefetchQuery(question());

/** Asks who is signed in. What was answered before in this tab is shown meanwhile; `fallback` where nothing was. */
export function AccountProvider(props: {
  fallback: (failure: ReturnType<typeof asFailure> | null, retry: () => void) => JSX.Element;
  children: JSX.Element;
}) {
  const client = useQueryClient();
  const query = useQuery(question);
  createEffect(() => {
    if (query.data) sessionStorage.setItem(KEPT, JSON.stringify(query.data));
  });

  const signOut = async (): Promise<void> => {
    await ask(api.session.$delete()).catch((thrown: unknown) => {
      if (asFailure(thrown).kind !== "signed_out") throw thrown;
    });
    client.clear();
    unmark();
    location.assign("/login");
  };

  return (
    <Show
      when={query.data}
      fallback={props.fallback(query.error ? asFailure(query.error) : null, () => void query.refetch())}
    >
      {(account) => (
        <Context.Provider value={{ account, can: (permission) => account().permissions.includes(permission), signOut }}>
          {props.children}
        </Context.Provider>
      )}
    </Show>
  );
}

/** Who is signed in; for everything inside the shell. */
export function useAccount(): AccountContext {
  const context = useContext(Context);
  if (!context) throw new Error("useAccount is for what stands inside <AccountProvider>.");
  return context;
}
