import { For } from "solid-js";
import { t } from "../../text/text.ts";
import { Check } from "../../ui/field.tsx";

const EVENTS = ["limit.threshold", "limit.exhausted"] as const;
export type WebhookEvent = (typeof EVENTS)[number];

const NAMES = { "limit.threshold": "threshold", "limit.exhausted": "exhausted" } as const;

/** Which events are sent; none ticked: all of them. */
export const EventChecks = (props: { events: readonly string[]; onChange: (events: WebhookEvent[]) => void }) => (
  <fieldset>
    <legend class="mb-1 text-table font-medium">{t("settings.webhook.events")}</legend>
    <div class="space-y-1.5">
      <For each={EVENTS}>
        {(one) => (
          <Check
            label={t(`settings.webhook.eventNames.${NAMES[one]}`)}
            hint={one}
            checked={props.events.includes(one)}
            onChange={(event) =>
              props.onChange(
                EVENTS.filter((each) => (each === one ? event.currentTarget.checked : props.events.includes(each))),
              )
            }
          />
        )}
      </For>
    </div>
    <p class="mt-1 text-meta text-ink-3">{t("settings.webhook.noneIsAll")}</p>
  </fieldset>
);
