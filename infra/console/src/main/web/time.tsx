// A slider in time: how a workflow stood with each of its events, and what that event changed.
import { useMemo } from "preact/hooks";
import type { Event } from "@schema";
import { lines, named, standOf } from "./fold";
import { fieldTime, local, localField, ms, span } from "./text";

/** @param at place of the event in the list, as it stands in the address */
export function InTime({ events, at, go }: { events: Event[]; at: string | null; go: (at: number) => void }) {
  const last = events.length - 1;
  const place = Math.max(0, Math.min(last, at === null || !/^\d+$/.test(at) ? last : Number(at)));
  const shown = useMemo(() => lines(standOf(events, place), standOf(events, place + 1)), [events, place]);
  const event = events[place];
  if (!event) return <p class="none">Nothing has happened yet.</p>;
  const since = ms(event.timestamp) - ms(events[0]?.timestamp);
  const moment = (text: string) => {
    const until = fieldTime(text) + 999; // the field tells whole seconds, and events stand between them
    if (Number.isNaN(until)) return;
    const behind = events.findIndex((each) => ms(each.timestamp) > until);
    go(behind < 0 ? last : Math.max(0, behind - 1));
  };
  return (
    <div class="in-time">
      <div class="slider">
        <button type="button" aria-label="The event before" disabled={place === 0} onClick={() => go(place - 1)}>
          ‹
        </button>
        <input
          type="range"
          name="at"
          min={0}
          max={last}
          value={place}
          aria-label="Event"
          aria-valuetext={`${place + 1} of ${last + 1}: ${named(event)}`}
          onInput={(e) => go(Number(e.currentTarget.value))}
        />
        <button type="button" aria-label="The next event" disabled={place === last} onClick={() => go(place + 1)}>
          ›
        </button>
      </div>
      <label class="moment">
        As of
        <input
          type="datetime-local"
          name="moment"
          step="1"
          min={localField(ms(events[0]?.timestamp))}
          max={localField(ms(events[last]?.timestamp))}
          value={localField(ms(event.timestamp))}
          onInput={(e) => moment(e.currentTarget.value)}
        />
      </label>
      <p role="status">
        <b>{named(event)}</b>{" "}
        <span class="soft">
          event {place + 1} of {last + 1}, {local(ms(event.timestamp))}, {span(since)} after the start
        </span>
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="How it stood">
        <table class="stand">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">How it stood</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ name, value, before }) => (
              <tr key={name} class={value === before ? "" : "changed"}>
                <th scope="row">{name}</th>
                <td class="wide">
                  {value ?? <span class="soft">gone</span>}
                  {value !== before && (
                    <span class="soft">{before === undefined ? " (new)" : ` (before: ${before})`}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
