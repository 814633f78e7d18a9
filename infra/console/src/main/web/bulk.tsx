// Bulk jobs: the same asked of everything that a query finds, how far it is, and what came of each.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { BulkItemList, BulkJob, BulkJobBegun, BulkJobList } from "@schema";
import { ActionDialog, body, type Closing, Field, seenVersion } from "./actions";
import { get, may, post } from "./api";
import { useList } from "./changes";
import { Missing } from "./execution";
import { to, useDialog, useKeyFor, usePlace } from "./hooks";
import { Ago, Choice, Copy, Facts, Lag, Live, Loading, Moment, NONE, Page, Problem, Short, Table } from "./parts";
import { number, some, span, words } from "./text";

const tone = (status: BulkJob["status"]) =>
  status === "COMPLETED" ? "good" : status === "FAILED" ? "bad" : status === "RUNNING" ? "" : "warn";
const through = (job: BulkJob) => job.done + job.refused + job.skipped;
const ofTasks = (action: BulkJob["action"]) => action.endsWith("_TASKS");
const open = (job: BulkJob) => job.status === "RUNNING" || job.status === "PAUSED" || job.status === "STOPPING";

function Through({ of }: { of: BulkJob }) {
  return (
    <span class="through">
      <progress max={Math.max(of.expected, through(of), 1)} value={through(of)} aria-label="How far it is" />
      {number(through(of))} <span class="soft">of {open(of) ? "about " : ""}{number(open(of) ? Math.max(of.expected, through(of)) : of.expected)}</span>
    </span>
  );
}

export function BulkJobs() {
  const jobs = useList<BulkJobList>((signal) => get("/api/orgs/{slug}/bulk-jobs", {}, { limit: 200 }, signal), [], 1_000);
  const all = jobs.value?.bulkJobs ?? [];
  return (
    <Page title="Bulk jobs" beside={<Live is={jobs.live} />}>
      <Lag />
      <Problem error={jobs.error} again={jobs.again} />
      {!jobs.value && !jobs.error && <Loading />}
      {jobs.value && all.length === 0 && (
        <div class="empty">
          <p>Nobody has asked the same of many at once.</p>
          <p class="soft">The lists of workflows and tasks begin such jobs, for what is selected there or for all that match.</p>
        </div>
      )}
      {all.length > 0 && (
        <Table label="Bulk jobs" heads={["Job", "Status", "Of", "Through", { title: "Refused", number: true }, "By", "Begun"]}>
          {all.map((job) => (
            <tr key={job.id}>
              <th scope="row">
                <a href={to(["bulk", job.id])}>{words(job.action)}</a>
              </th>
              <td class={tone(job.status)}>{words(job.status)}</td>
              <td class="wide">
                <code>{job.query}</code>
              </td>
              <td>
                <Through of={job} />
              </td>
              <td class={"number" + (job.refused > 0 ? " warn" : "")}>{number(job.refused)}</td>
              <td>{job.requestedBy}</td>
              <td>
                <Ago time={job.begunAt} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Page>
  );
}

const RESULTS = ["ALL", "DONE", "REFUSED", "SKIPPED"];

export function BulkJobDetail({ id }: { id: string }) {
  const { query } = usePlace();
  const result = query.get("result") ?? "ALL";
  const job = useList<BulkJob>((signal) => get("/api/orgs/{slug}/bulk-jobs/{id}", { id }, {}, signal), [id], 500);
  const items = useList<BulkItemList>(
    (signal) => get("/api/orgs/{slug}/bulk-jobs/{id}/items", { id }, { limit: 200, result: result === "ALL" ? undefined : result }, signal),
    [id, result],
    1_000,
  );
  const { dialog, show, said, close, done } = useDialog<keyof typeof STEERINGS>(() => {
    job.again();
    items.again();
  });
  const now = job.value;
  if (!now) return job.error ? <Missing error={job.error} again={job.again} /> : <Loading />;
  return (
    <section class="page execution" aria-labelledby="title">
      <header>
        <p class="crumbs">
          <a href={to(["bulk"])}>Bulk jobs</a>
        </p>
        <h1 id="title">
          {words(now.action)} <span class={"dot " + tone(now.status)}>{words(now.status)}</span>
          <Live is={job.live && open(now)} />
        </h1>
        <p class="idline">
          <code>{now.id}</code> <Copy text={now.id} label="Copy the id" />
        </p>
        {may("CANCEL") && open(now) && now.status !== "STOPPING" && (
          <div class="buttons" role="group" aria-label="Actions">
            <button type="button" onClick={() => show(now.status === "PAUSED" ? "resume" : "pause")}>
              {now.status === "PAUSED" ? "Resume…" : "Pause…"}
            </button>
            <button type="button" class="danger" onClick={() => show("stop")}>
              Stop…
            </button>
          </div>
        )}
      </header>
      <p class="said" role="status">
        {said}
      </p>
      <Lag />
      <Problem error={job.error} again={job.again} />
      <Facts
        rows={[
          ["Through", <Through of={now} />],
          ["Done", number(now.done)],
          ["Refused", number(now.refused)],
          ["Skipped", `${number(now.skipped)} that were so already`],
          ["Of", <code>{now.query}</code>],
          ...(now.how["toEvent"] ? [["Kept up to", `event ${now.how["toEvent"]}`] as [string, string]] : []),
          ...(now.how["toFirst"] ? [["Kept up to", `the first ${words(now.how["toFirst"])}`] as [string, string]] : []),
          ["Reason", now.reason],
          ["Rate", `at most ${number(now.rate)} in a second`],
          ...(now.forceAfterMs ? [["Workers have", span(now.forceAfterMs)] as [string, string]] : []),
          ["By", now.requestedBy],
          ["Begun", <Moment time={now.begunAt} />],
          ...(now.endedAt ? [["Ended", <Moment time={now.endedAt} />] as [string, ComponentChildren]] : []),
          ...(now.statusBy || now.statusReason
            ? [
                [
                  words(now.status),
                  `${now.statusBy ? "by " + now.statusBy : ""}${now.statusBy && now.statusReason ? ": " : ""}${now.statusReason ?? ""}`,
                ] as [string, string],
              ]
            : []),
        ]}
      />
      <h2>Items</h2>
      <Choice label="Which items" of={RESULTS} chosen={result} choose={(one) => (location.hash = to(["bulk", id], { result: one }))} />
      <Problem error={items.error} again={items.again} />
      {items.value && items.value.items.length === 0 && <p class="none">There are none.</p>}
      {items.value && items.value.items.length > 0 && (
        <Table label="Items" heads={["Item", "What came of it", "New run", "Why", "When"]}>
          {items.value.items.map((item) => (
            <tr key={item.id}>
              <td>
                <Short id={item.id} href={to([ofTasks(now.action) ? "tasks" : "workflows", item.id])} />
              </td>
              <td class={item.result === "REFUSED" ? "warn" : ""}>{words(item.result)}</td>
              <td>{item.newExecutionId ? <Short id={item.newExecutionId} href={to(["workflows", item.newExecutionId])} /> : NONE}</td>
              <td class="wide">{item.text ?? NONE}</td>
              <td>
                <Ago time={item.at} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {items.value?.nextCursor && <p class="soft">These are the last {number(items.value.items.length)}; ./millrace bulk items {id} --all lists all.</p>}
      {dialog && <SteerDialog of={now} how={dialog} close={close} done={done} />}
    </section>
  );
}

const STEERINGS = {
  pause: {
    path: "/api/orgs/{slug}/bulk-jobs/{id}/pause",
    title: "Pause this job",
    about: "It rests until it is resumed. What it has asked already takes effect.",
    label: "Pause the job",
  },
  resume: {
    path: "/api/orgs/{slug}/bulk-jobs/{id}/resume",
    title: "Resume this job",
    about: "It goes on from where it rests.",
    label: "Resume the job",
  },
  stop: {
    path: "/api/orgs/{slug}/bulk-jobs/{id}/stop",
    title: "Stop this job",
    about: "It ends before it is through, and cannot go on. What it has asked already takes effect.",
    label: "Stop the job",
  },
} as const;

function SteerDialog({ of: job, how, ...closing }: Closing & { of: BulkJob; how: keyof typeof STEERINGS }) {
  const of = STEERINGS[how];
  return (
    <ActionDialog
      {...closing}
      title={of.title}
      about={of.about}
      label={of.label}
      danger={how === "stop"}
      // 0: of a log in which jobs had none.
      version={job.version || undefined}
      send={async (asking) => {
        const answer = await post(of.path, { id: job.id }, body(asking), seenVersion(asking));
        return `The job is ${words(answer.status).toLowerCase()}.`;
      }}
    />
  );
}

const ACTIONS: Record<"workflow" | "task", Array<[BulkJob["action"], string]>> = {
  workflow: [
    ["CANCEL", "Cancel"],
    ["TERMINATE", "Terminate"],
    ["RETRY", "Retry from the last good point"],
    ["RESET", "Reset to an event"],
    ["RESTART", "Restart from the beginning"],
    ["PAUSE", "Pause"],
    ["RESUME", "Resume"],
    ["DISMISS", "Dismiss those that are dead letters"],
  ],
  task: [
    ["CANCEL_TASKS", "Cancel"],
    ["RETRY_TASKS", "Retry"],
    ["DISMISS_TASKS", "Dismiss those that are dead letters"],
  ],
};

const ENDING: Array<BulkJob["action"]> = ["CANCEL", "TERMINATE", "RESET", "RESTART", "CANCEL_TASKS"];

/** Asks the same of many; first it is only asked how many they are. */
export function BulkDialog({
  what,
  query,
  title,
  first,
  ...closing
}: Closing & { what: "workflow" | "task"; query: string; title: string; first?: BulkJob["action"] }) {
  const [action, setAction] = useState<BulkJob["action"]>(first ?? ACTIONS[what][0]?.[0] ?? "CANCEL");
  const [rate, setRate] = useState("100");
  const [last, setLast] = useState("");
  const keyFor = useKeyFor();
  const [asked, setAsked] = useState<{ begun: BulkJobBegun; of: string }>();
  const ready = action + " " + last;
  const known = asked?.of === ready ? asked.begun : undefined;
  return (
    <ActionDialog
      {...closing}
      title={title}
      about="Each is asked by itself, one after the other, with the reason that you give. What is created from now on is left alone."
      label={known ? `Begin with ${some(known.expected, what)}` : "How many would that be?"}
      danger={known !== undefined && ENDING.includes(action)}
      send={async (asking) => {
        const job = {
          action,
          query,
          reason: asking.reason ?? "",
          rate: Number(rate),
          ...(action === "RESET" ? (/^[0-9]+$/.test(last.trim()) ? { toEvent: Number(last) } : { toFirst: last.trim() }) : {}),
        };
        const answer = await post("/api/orgs/{slug}/bulk-jobs", {}, { ...job, ...(known ? { idempotencyKey: keyFor(job) } : { dryRun: true }) });
        if (!answer.id) {
          setAsked({ begun: answer, of: ready });
          return undefined;
        }
        return (
          <>
            The job has begun: <a href={to(["bulk", answer.id])}>how far it is</a>.
          </>
        );
      }}
    >
      <p>
        <code>{query}</code>
      </p>
      <label>
        What is asked of each
        <select name="action" value={action} onChange={(e) => setAction(e.currentTarget.value as BulkJob["action"])}>
          {ACTIONS[what].map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {action === "RESET" && (
        <Field
          name="last"
          label="Last event that is kept of each: its number, or a type, of which the first is meant"
          placeholder="TASK_COMPLETED"
          required
          value={last}
          set={setLast}
        />
      )}
      <label>
        At most so many in a second
        <input type="number" name="rate" min="1" max="1000" required value={rate} onInput={(e) => setRate(e.currentTarget.value)} />
      </label>
      {known && (
        <div class="again">
          <p class={known.expected === 0 ? "" : "warn"}>{some(known.expected, what)} now{known.expected > 0 ? ", the oldest:" : "."}</p>
          <ul>
            {known.first.slice(0, 5).map((one) => (
              <li key={one.id}>
                {one.kind} <Short id={one.id} href={to([what + "s", one.id])} /> {words(one.status)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </ActionDialog>
  );
}
