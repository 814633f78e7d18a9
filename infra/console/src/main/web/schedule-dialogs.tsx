// What may be done to schedules, each with its reason.
import { useState } from "preact/hooks";
import type { Schedule } from "@schema";
import { ActionDialog, body, type Closing, Field, moment, seenVersion } from "./actions";
import { post } from "./api";
import { to } from "./hooks";
import { JsonField, jsonOf } from "./json-field";
import { Short } from "./parts";
import { localField } from "./text";

type Of = Closing & { of: Schedule };

export function PauseScheduleDialog({ of, ...closing }: Of) {
  return (
    <ActionDialog
      {...closing}
      title="Pause this schedule"
      about="Nothing of it starts until it is resumed. What runs goes on."
      label="Pause the schedule"
      version={of.version}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/schedules/{schedule}/pause", { schedule: of.name }, body(asking), seenVersion(asking));
        return answer.paused ? "It is paused." : "It was paused already.";
      }}
    />
  );
}

export function ResumeScheduleDialog({ of, ...closing }: Of) {
  return (
    <ActionDialog
      {...closing}
      title="Resume this schedule"
      about="Runs start again when they are due."
      label="Resume the schedule"
      version={of.version}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/schedules/{schedule}/resume", { schedule: of.name }, body(asking), seenVersion(asking));
        return answer.resumed ? "It is resumed." : "It was not paused.";
      }}
    />
  );
}

export function TriggerDialog({ of, ...closing }: Of) {
  return (
    <ActionDialog
      {...closing}
      title="Start a run now"
      about="One more than what is due. If the one before it has not ended, it is dealt with as one that is due."
      label="Start a run"
      version={of.version}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/schedules/{schedule}/trigger", { schedule: of.name }, body(asking), seenVersion(asking));
        const id = answer.workflowExecutionId;
        if (answer.decision === "STARTED" && id) {
          return (
            <>
              It has started as <Short id={id} href={to(["workflows", id])} />.
            </>
          );
        }
        return answer.decision === "BUFFERED" ? "It starts when the one before it has ended." : "It is skipped: the one before it has not ended.";
      }}
    />
  );
}

export function BackfillDialog({ of, ...closing }: Of) {
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [parallel, setParallel] = useState(false);
  return (
    <ActionDialog
      {...closing}
      title="Make up for a range"
      about="Runs start for all times of the range at which it would have been due."
      label="Make up for it"
      version={of.version}
      send={async (asking) => {
        await post("/api/orgs/{slug}/schedules/{schedule}/backfill", { schedule: of.name }, {
          ...body(asking),
          from: moment(from, "first time"),
          until: moment(until, "last time"),
          parallel,
        }, seenVersion(asking));
        return "It has begun; its runs stand in the list below.";
      }}
    >
      <label>
        First time
        <input type="datetime-local" name="from" required step="1" value={from} onInput={(e) => setFrom(e.currentTarget.value)} />
      </label>
      <label>
        Last time
        <input type="datetime-local" name="until" required step="1" value={until} onInput={(e) => setUntil(e.currentTarget.value)} />
      </label>
      <label class="check">
        <input type="checkbox" name="parallel" checked={parallel} onChange={(e) => setParallel(e.currentTarget.checked)} />
        All at once; otherwise each starts when the one before it has ended
      </label>
    </ActionDialog>
  );
}

export function StopBackfillDialog({ of, ...closing }: Of) {
  return (
    <ActionDialog
      {...closing}
      title="Stop making up for the range"
      about="No more runs start for it. What has started goes on."
      label="Stop it"
      version={of.version}
      danger
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/schedules/{schedule}/backfill/stop", { schedule: of.name }, body(asking), seenVersion(asking));
        return answer.stopped ? "No more runs start for the range." : "It makes up for no range any more.";
      }}
    />
  );
}

export function DeleteScheduleDialog({ of, ...closing }: Of) {
  return (
    <ActionDialog
      {...closing}
      title="Delete this schedule"
      about="Nothing of it starts any more. What runs goes on."
      label="Delete the schedule"
      version={of.version}
      keep="Keep it"
      danger
      send={async (asking) => {
        await post("/api/orgs/{slug}/schedules/{schedule}/delete", { schedule: of.name }, body(asking), seenVersion(asking));
        return "It is deleted.";
      }}
    />
  );
}

const KINDS: Array<["cron" | "every" | "at", string]> = [
  ["cron", "by a cron expression"],
  ["every", "at intervals"],
  ["at", "once"],
];

const OVERLAPS = { SKIP: "it is skipped", BUFFER_ONE: "one waits", ALLOW: "it starts all the same", CANCEL_PREVIOUS: "the earlier one is cancelled" };
const MISSES = { SKIP: "none starts", LATEST: "the last of them starts", ALL: "each starts" };

/** The fields that say when a schedule is due and by which policies. */
function useDue(begin: { due: string; cron: string; timeZone: string; seconds: string; at: string; overlap: string; missed: string }) {
  const [fields, set] = useState(begin);
  const change = (name: keyof typeof fields, value: string) => set((old) => ({ ...old, [name]: value }));
  const text = (name: keyof typeof fields, label: string, more: { required?: boolean; placeholder?: string; type?: string } = {}) => (
    <Field {...more} name={name} label={label} value={fields[name]} set={(value) => change(name, value)} />
  );
  const choice = (name: keyof typeof fields, label: string, of: Array<[string, string]>) => (
    <label>
      {label}
      <select name={name} value={fields[name]} onChange={(e) => change(name, e.currentTarget.value)}>
        {of.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
  /** @returns what the request says of it; throws what people can read */
  const said = () => ({
    ...(fields.due === "cron"
      ? { cron: fields.cron.trim(), timeZone: fields.timeZone.trim() }
      : fields.due === "every"
        ? { everyMs: Math.round(Number(fields.seconds) * 1_000) }
        : { at: moment(fields.at, "time") }),
    overlap: fields.overlap,
    missed: fields.missed,
  });
  const shown = (
    <>
      {choice("due", "It is due", KINDS)}
      {fields.due === "cron" && text("cron", "Minute, hour, day of month, month, day of week", { required: true, placeholder: "30 6 * * MON-FRI" })}
      {fields.due === "cron" && text("timeZone", "Time zone", { required: true })}
      {fields.due === "every" && text("seconds", "Seconds from one to the next", { required: true, type: "number" })}
      {fields.due === "at" && text("at", "When", { required: true, type: "datetime-local" })}
      {choice("overlap", "If the one before has not ended", Object.entries(OVERLAPS))}
      {choice("missed", "Of those whose time was missed", Object.entries(MISSES))}
    </>
  );
  return { said, shown };
}

export function CreateScheduleDialog(closing: Closing) {
  const [fields, set] = useState({ name: "", kind: "", queue: "", input: "null" });
  const change = (name: keyof typeof fields, value: string) => set((old) => ({ ...old, [name]: value }));
  const due = useDue({ due: "cron", cron: "", timeZone: "UTC", seconds: "60", at: "", overlap: "SKIP", missed: "LATEST" });
  const text = (name: keyof typeof fields, label: string, more: { required?: boolean; placeholder?: string } = {}) => (
    <Field {...more} name={name} label={label} value={fields[name]} set={(value) => change(name, value)} />
  );
  return (
    <ActionDialog
      {...closing}
      title="Make a schedule"
      label="Make the schedule"
      reasons={false}
      send={async () => {
        const answer = await post("/api/orgs/{slug}/schedules", {}, {
          name: fields.name.trim(),
          kind: fields.kind.trim(),
          queue: fields.queue.trim() || null,
          input: jsonOf(fields.input, "the input"),
          ...due.said(),
        });
        return (
          <>
            It is made: <a href={to(["schedules", answer.name])}>{answer.name}</a>.
          </>
        );
      }}
    >
      {text("name", "Name", { required: true })}
      {text("kind", "Kind of the workflows that it starts", { required: true })}
      {text("queue", "Queue", { placeholder: "default" })}
      <JsonField name="input" label="Input, as JSON" rows={3} value={fields.input} set={(value) => change("input", value)} />
      {due.shown}
    </ActionDialog>
  );
}

export function UpdateScheduleDialog({ of, ...closing }: Of) {
  const due = useDue({
    due: of.cron ? "cron" : of.everyMs ? "every" : "at",
    cron: of.cron ?? "",
    timeZone: of.timeZone ?? "UTC",
    seconds: String((of.everyMs ?? 60_000) / 1_000),
    at: of.at ? localField(Date.parse(of.at)) : "",
    overlap: of.overlap,
    missed: of.missed,
  });
  return (
    <ActionDialog
      {...closing}
      title="Change this schedule"
      about="It is due otherwise from now on. What it starts stays, and an open run goes on."
      label="Change the schedule"
      version={of.version}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/schedules/{schedule}/update", { schedule: of.name }, {
          ...body(asking),
          ...due.said(),
          startAt: of.startAt,
          endAt: of.endAt,
          jitterMs: of.jitterMs,
          missedAfterMs: of.missedAfterMs,
          cancelAfterMs: of.cancelAfterMs,
        }, seenVersion(asking));
        return answer.updated ? "It is changed." : "It was so already.";
      }}
    >
      {due.shown}
    </ActionDialog>
  );
}
