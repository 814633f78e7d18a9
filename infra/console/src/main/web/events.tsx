// All that happened: compact, in full, or as JSON.
import { useMemo, useState } from "preact/hooks";
import type { Event } from "@schema";
import { useRemembered } from "./hooks";
import { Copy } from "./parts";
import { ms, span, words } from "./text";
import type { NameOf } from "./worker-names";

type Form = "compact" | "full" | "json";

const SHOWN = 500;

/** So much of a value is shown in a line. */
const MOST_SHOWN = 160;

/** @returns kinds of tasks by their ids */
function kindsOf(events: Event[]): Map<string, string> {
  const kinds = new Map<string, string>();
  for (const event of events) {
    const kind = (event.data as Record<string, unknown>)["kind"];
    if (event.taskExecutionId && typeof kind === "string") kinds.set(event.taskExecutionId, kind);
  }
  return kinds;
}

/** What tells events of a type apart: the task that it is about, and a word or two. */
function gist(event: Event, kinds: Map<string, string>, nameOf: NameOf): string {
  const task = (event.taskExecutionId && kinds.get(event.taskExecutionId)) || "";
  const word = wordOf(event, nameOf);
  return task && word && word !== task ? `${task}: ${word}` : task || word;
}

function wordOf(event: Event, nameOf: NameOf): string {
  const data = event.data as Record<string, unknown>;
  for (const name of [
    "error",
    "reason",
    "text",
    "operationName",
    "signalName",
    "promiseName",
    "timerId",
    "childExecutionName",
    "message",
    "kind",
    "key",
    "workerId",
    "cause",
  ]) {
    const word = data[name];
    if (typeof word === "string" && word !== "") return name === "workerId" ? nameOf(word) : word;
  }
  const value = data["output"] ?? data["value"] ?? data["result"];
  return value === undefined || value === null ? "" : JSON.stringify(value).slice(0, MOST_SHOWN);
}

function tone(type: string): string {
  if (/FAILED|EXPIRED|DISCARDED|REFUSED|REJECTED|TIMEOUT|NOT_DELIVERED|IGNORED/.test(type)) return "bad";
  if (/COMPLETED|RESOLVED/.test(type)) return "good";
  if (/CANCEL/.test(type)) return "off";
  return "";
}

export function Events({
  events,
  nameOf,
  save,
  then,
  reset,
}: {
  events: Event[];
  nameOf: NameOf;
  save: () => void;
  /** Shows how all stood with an event, by its place in the list. */
  then: (at: number) => void;
  /** Resets to an event, by its number in the history; missing: that may not be done. */
  reset: ((sequence: number) => void) | undefined;
}) {
  const [form, setForm] = useRemembered<Form>("events.form", "compact");
  const [most, setMost] = useState(SHOWN);
  const [only, setOnly] = useState("");
  const first = ms(events[0]?.timestamp);
  const kinds = useMemo(() => kindsOf(events), [events]);
  const found = useMemo(() => {
    const wanted = only.trim().toLowerCase();
    const all = events.map((event, at) => ({ event, at }));
    return wanted ? all.filter(({ event }) => JSON.stringify(event).toLowerCase().includes(wanted)) : all;
  }, [events, only]);
  const shown = found.slice(0, most);
  const asJson = (some: typeof found) => JSON.stringify(some.map(({ event }) => event), null, 2);
  return (
    <div class="events">
      <div class="tools">
        <div role="group" aria-label="Form of the events" class="choice">
          {(["compact", "full", "json"] as Form[]).map((each) => (
            <button key={each} type="button" aria-pressed={form === each} onClick={() => setForm(each)}>
              {each === "json" ? "JSON" : words(each)}
            </button>
          ))}
        </div>
        <label>
          <span class="hidden">Only events with this text</span>
          <input type="search" placeholder="Only those with …" value={only} onInput={(e) => setOnly(e.currentTarget.value)} />
        </label>
        <button type="button" onClick={save}>
          Download
        </button>
      </div>
      {form === "json" ? (
        <div class="payload">
          <Copy text={asJson(found)} label="Copy events" />
          <pre tabIndex={0} aria-label="Events as JSON">
            {asJson(shown)}
          </pre>
        </div>
      ) : (
        <ol class={"log " + form}>
          {shown.map(({ event, at }) => (
            <li key={at} class={[tone(event.eventType), event.eventType.toLowerCase().replaceAll("_", "-")].join(" ")}>
              <span class="sequence" title="Place in the history that workers replay">
                {event.sequence ?? ""}
              </span>
              <time dateTime={event.timestamp ?? ""} title={event.timestamp ?? ""}>
                +{span(ms(event.timestamp) - first)}
              </time>
              <span class="type">{words(event.eventType)}</span>
              <span class="gist">{gist(event, kinds, nameOf)}</span>
              <span class="may">
                <button type="button" class="plain small" aria-label={`How it stood with event ${at + 1}`} onClick={() => then(at)}>
                  as it stood
                </button>
                {reset && event.sequence && (
                  <button
                    type="button"
                    class="plain small"
                    aria-label={`Reset to event ${event.sequence} of the history`}
                    onClick={() => reset(event.sequence ?? 0)}
                  >
                    reset to here…
                  </button>
                )}
              </span>
              {form === "full" && <pre tabIndex={0}>{JSON.stringify(event.data, null, 2)}</pre>}
            </li>
          ))}
        </ol>
      )}
      {found.length > most && (
        <button type="button" onClick={() => setMost(most + 2_000)}>
          Show {Math.min(2_000, found.length - most)} more of {found.length}
        </button>
      )}
      {found.length === 0 && <p class="none">None has it.</p>}
    </div>
  );
}
