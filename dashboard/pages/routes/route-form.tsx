import { useQueryClient } from "@tanstack/solid-query";
import { createEffect, createSignal, onCleanup, Show } from "solid-js";
import { createStore, unwrap } from "solid-js/store";
import { api, ask, ifVersion } from "../../api/client.ts";
import { ApiFailure } from "../../api/failure.ts";
import { ChangedMeanwhile } from "../../components/changed-meanwhile.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { say } from "../../ui/toast.tsx";
import { DryRunResult } from "./dry-run-result.tsx";
import { Publish } from "./publish.tsx";
import { routeChanged } from "./route-cache.ts";
import {
  bodyOfRoute,
  draftOfRoute,
  draftOfTerms,
  type RouteDraft,
  type RouteRow,
  TIMEOUTS,
  termsOfDraft,
  wholeTerms,
} from "./route-draft.ts";
import { RouteFields } from "./route-fields.tsx";
import { RouteJson } from "./route-json.tsx";
import { createDraftTest } from "./use-draft-test.ts";

const written = (draft: RouteDraft) => JSON.stringify(bodyOfRoute(draft));
/** A new route must not replace another: refused where its organization has one of the name. */
const IF_NONE = { headers: { "if-none-match": "*" } };

/**
 * A route's name, where it leads and in which order, and how long it waits, by fields or as JSON. A draft can be tried; what is in
 * force is replaced as a whole, after a look at what changes: it holds from the next request on.
 */
export function RouteForm(props: {
  route: RouteRow | null;
  organization: string;
  /** Whether something is written that is not in force. */
  onUnsaved: (unsaved: boolean) => void;
  onDone: () => void;
}) {
  const client = useQueryClient();
  const form = createForm();
  const test = createDraftTest();
  const start = draftOfRoute(props.route, props.organization);
  const [draft, setDraft] = createStore(draftOfRoute(props.route, props.organization));
  const [view, setView] = createSignal("fields");
  const [broken, setBroken] = createSignal(false);
  const [reviewing, setReviewing] = createSignal(false);
  const [deleting, setDeleting] = createSignal(false);
  const [theirs, setTheirs] = createSignal<RouteRow | null>(null);
  const changed = () => written({ ...draft }) !== written(start);
  createEffect(() => props.onUnsaved(changed() || broken()));
  onCleanup(() => props.onUnsaved(false));
  const taken = (failure: ApiFailure) =>
    new ApiFailure({ ...failure, kind: "other", message: t("routes.taken", { name: draft.name.trim() }) });

  const save = async (version: number | null) => {
    let answer: RouteRow | null = null;
    const done = await form.send(async () => {
      answer = await ask(
        api.routes.$put({ json: bodyOfRoute(draft) }, version === null ? IF_NONE : ifVersion(version)),
      ).catch((thrown: unknown) => {
        throw version === null && thrown instanceof ApiFailure && thrown.kind === "changed_meanwhile"
          ? taken(thrown)
          : thrown;
      });
    });
    if (done) {
      say(t("routes.saved", { name: draft.name }));
      props.onDone();
      routeChanged(client, answer);
    } else if (form.failure()?.kind === "changed_meanwhile" && props.route) {
      const { id } = props.route;
      form.forget();
      await form.send(async () => setTheirs(await ask(api.routes[":id"].$get({ param: { id } }))));
    }
  };
  const remove = async () => {
    if (!props.route) return;
    await ask(api.routes[":id"].$delete({ param: { id: props.route.id } }, ifVersion(props.route.version)));
    say(t("routes.deleted", { name: props.route.name }));
    props.onDone();
    routeChanged(client, null);
  };
  const [shown, setShown] = createSignal(false);
  const check = () => form.send(() => test.run(draft, wholeTerms(termsOfDraft(draft))));
  /** What nobody has checked yet is not worth a review. */
  const review = async () => {
    if (props.route === null) await save(null);
    else if (await check()) setReviewing(true);
  };
  const conflicts = () => {
    const other = theirs();
    if (!other) return [];
    const line = ({ targets }: RouteDraft) => targets.map(({ model, weight }) => `${model} (${weight})`).join(" → ");
    const now = draftOfRoute(other, other.organization_id);
    return [
      {
        name: t("routes.strategy"),
        yours: t(`routes.strategies.${draft.strategy}`),
        theirs: t(`routes.strategies.${now.strategy}`),
      },
      { name: t("routes.targets"), yours: line(draft), theirs: line(now) },
      { name: t("routes.timeouts"), yours: draft.timeouts, theirs: now.timeouts },
    ];
  };

  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void review();
        }}
      >
        <Tabs
          label={t("routes.editor")}
          value={view()}
          onChange={setView}
          tabs={[
            {
              id: "fields",
              name: t("routes.fields"),
              content: () => (
                <RouteFields
                  isNew={props.route === null}
                  draft={draft}
                  onChange={(part) => setDraft(part)}
                  form={form}
                />
              ),
            },
            {
              id: "json",
              name: "JSON",
              content: () => (
                <RouteJson
                  draft={draft}
                  terms={termsOfDraft(unwrap(draft))}
                  onTerms={(terms) => setDraft(draftOfTerms(terms, draft))}
                  onBroken={setBroken}
                />
              ),
            },
          ]}
        />
        <FormFailure
          form={form}
          fields={["name", "organization_id", "strategy", "targets", ...TIMEOUTS.map((name) => `timeouts.${name}`)]}
        />
        <Actions>
          <Show when={props.route}>
            <Button look="danger" class="mr-auto" onClick={() => setDeleting(true)}>
              {t("common.delete")}
            </Button>
          </Show>
          <Show when={changed()}>
            <Button look="plain" onClick={() => setDraft(draftOfRoute(props.route, props.organization))}>
              {t("common.discard")}
            </Button>
          </Show>
          <Show when={view() === "fields"}>
            <Button look="plain" disabled={form.busy()} onClick={() => void check().then(setShown)}>
              {t("routes.tryDraft")}
            </Button>
          </Show>
          <Button look="primary" type="submit" disabled={form.busy() || broken() || !changed()}>
            {form.busy() ? t("common.saving") : props.route ? t("routes.review") : t("common.create")}
          </Button>
        </Actions>
      </form>
      <Dialog
        open={shown()}
        onClose={() => setShown(false)}
        title={t("routes.tried")}
        description={t("routes.dryRunLead")}
      >
        <Show when={test.found()}>{(found) => <DryRunResult found={found()} />}</Show>
      </Dialog>
      <Show when={props.route}>
        {(route) => (
          <Publish
            route={route()}
            terms={reviewing() ? wholeTerms(termsOfDraft(draft)) : null}
            title={t("routes.publishTitle", { name: route().name })}
            action={t("routes.publish")}
            onConfirm={() => save(route().version)}
            onClose={() => setReviewing(false)}
          />
        )}
      </Show>
      <Confirm
        open={deleting()}
        onClose={() => setDeleting(false)}
        title={t("routes.deleteTitle", { name: props.route?.name ?? "" })}
        action={t("common.delete")}
        typed={props.route?.name}
        onConfirm={remove}
      >
        <p>{t("routes.deleteBody")}</p>
      </Confirm>
      <ChangedMeanwhile
        open={theirs() !== null}
        fields={conflicts()}
        onClose={() => setTheirs(null)}
        onTake={() => {
          const other = theirs();
          setTheirs(null);
          routeChanged(client, other);
        }}
        onOverwrite={() => {
          const version = theirs()?.version;
          setTheirs(null);
          if (version !== undefined) void save(version);
        }}
      />
    </>
  );
}
