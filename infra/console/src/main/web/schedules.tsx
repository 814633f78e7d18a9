// Schedules: what starts by itself, when, and what came of it.
import type { ComponentChildren } from "preact";
import type { Schedule, ScheduleList, ScheduleRow, ScheduleRunList } from "@schema";
import { get, may } from "./api";
import { useList } from "./changes";
import { Missing } from "./execution";
import { to, useDialog } from "./hooks";
import { Ago, Copy, Facts, Lag, Live, Loading, Moment, NONE, Page, Payload, Problem, Short, Table } from "./parts";
import {
  BackfillDialog,
  CreateScheduleDialog,
  DeleteScheduleDialog,
  PauseScheduleDialog,
  ResumeScheduleDialog,
  StopBackfillDialog,
  TriggerDialog,
  UpdateScheduleDialog,
} from "./schedule-dialogs";
import { number, span, words } from "./text";

/** When it is due, as people read it. */
function due(of: ScheduleRow): string {
  if (of.cron) return `${of.cron} · ${of.timeZone}`;
  if (of.everyMs) return "every " + span(of.everyMs);
  return "once";
}

const tone = (status: ScheduleRow["status"]) => (status === "PAUSED" ? "warn" : status === "ENDED" ? "soft" : "good");

export function Schedules() {
  const schedules = useList<ScheduleList>((signal) => get("/api/orgs/{slug}/schedules", {}, { limit: 500 }, signal), [], 3_000);
  const { dialog, show, said, close, done } = useDialog<"create">(schedules.again);
  const all = schedules.value?.schedules ?? [];
  return (
    <Page
      title="Schedules"
      beside={
        <>
          <Live is={schedules.live} />
          {may("START") && (
            <button type="button" onClick={() => show("create")}>
              Make a schedule…
            </button>
          )}
        </>
      }
    >
      <p class="said" role="status">
        {said}
      </p>
      <Lag />
      <Problem error={schedules.error} again={schedules.again} />
      {!schedules.value && !schedules.error && <Loading />}
      {schedules.value && all.length === 0 && (
        <div class="empty">
          <p>Nothing starts by itself.</p>
        </div>
      )}
      {all.length > 0 && (
        <Table
          label="Schedules"
          heads={["Name", "Status", "Due", "Starts", "Next", "Last", { title: "Runs", number: true }, { title: "Skipped", number: true }]}
        >
          {all.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <a href={to(["schedules", one.name])}>{one.name}</a>
              </th>
              <td class={tone(one.status)}>{words(one.status)}</td>
              <td class="wide">{due(one)}</td>
              <td class="wide">
                {one.kind} <span class="soft">{one.queue}</span>
              </td>
              <td>{one.nextRunAt ? <Moment time={one.nextRunAt} /> : NONE}</td>
              <td>
                {one.lastRunId ? (
                  <a href={to(["workflows", one.lastRunId])}>
                    <Ago time={one.lastRunAt} />
                  </a>
                ) : (
                  NONE
                )}
              </td>
              <td class="number">{number(one.runs)}</td>
              <td class="number">{number(one.skipped)}</td>
            </tr>
          ))}
        </Table>
      )}
      {dialog && <CreateScheduleDialog close={close} done={done} />}
    </Page>
  );
}

type Action = "trigger" | "update" | "pause" | "resume" | "backfill" | "stop" | "delete";

export function ScheduleDetail({ name }: { name: string }) {
  const schedule = useList<Schedule>((signal) => get("/api/orgs/{slug}/schedules/{schedule}", { schedule: name }, {}, signal), [name], 2_000);
  const runs = useList<ScheduleRunList>(
    (signal) => get("/api/orgs/{slug}/schedules/{schedule}/runs", { schedule: name }, { limit: 100 }, signal),
    [name],
    2_000,
  );
  const { dialog, show, said, close, done } = useDialog<Action>(() => {
    schedule.again();
    runs.again();
  });
  const now = schedule.value;
  if (!now) return schedule.error ? <Missing error={schedule.error} again={schedule.again} /> : <Loading />;
  const button = (is: Action, label: string, danger = false) => (
    <button type="button" class={danger ? "danger" : ""} onClick={() => show(is)}>
      {label}…
    </button>
  );
  return (
    <section class="page execution" aria-labelledby="title">
      <header>
        <p class="crumbs">
          <a href={to(["schedules"])}>Schedules</a>
        </p>
        <h1 id="title">
          {now.name} <span class={"dot " + tone(now.status)}>{words(now.status)}</span>
        </h1>
        <p class="idline">
          <code>{now.id}</code> <Copy text={now.id} label="Copy the id" />
        </p>
        <div class="buttons" role="group" aria-label="Actions">
          {may("START") && button("trigger", "Start now")}
          {may("CANCEL") && now.status !== "ENDED" && (now.status === "PAUSED" ? button("resume", "Resume") : button("pause", "Pause"))}
          {may("CANCEL") && button("update", "Change")}
          {may("CANCEL") && (now.backfilling ? button("stop", "Stop making up") : button("backfill", "Make up for a range"))}
          {may("CANCEL") && button("delete", "Delete", true)}
        </div>
      </header>
      <p class="said" role="status">
        {said}
      </p>
      <Lag />
      {/* Once it is deleted there is nothing to ask for any more. */}
      <Problem error={said ? undefined : schedule.error} again={schedule.again} />
      <div class="two">
        <Facts
          rows={[
            ["Due", due(now)],
            ["Next", now.nextRunAt ? <Moment time={now.nextRunAt} /> : NONE],
            ["Last", now.lastRunId ? <Short id={now.lastRunId} href={to(["workflows", now.lastRunId])} /> : NONE],
            ["Starts", `${now.kind} in queue ${now.queue}`],
            ["Runs", `${number(now.runs)}, and ${number(now.skipped)} skipped`],
            ...(now.backfilling ? [["Makes up", "for a range that somebody asked for"] as [string, string]] : []),
            ["Overlap", words(now.overlap)],
            ["Missed", words(now.missed)],
            ...(now.startAt ? [["Not before", <Moment time={now.startAt} />] as [string, ComponentChildren]] : []),
            ...(now.endAt ? [["Not after", <Moment time={now.endAt} />] as [string, ComponentChildren]] : []),
            ...(now.pausedBy ? [["Paused", `by ${now.pausedBy}${now.pauseReason ? ": " + now.pauseReason : ""}`] as [string, string]] : []),
            ["Made", `by ${now.createdBy}`],
            ["Made at", <Moment time={now.createdAt} />],
          ]}
        />
        <div>
          <h2>Input of each run</h2>
          <Payload value={now.input} name="input" />
        </div>
      </div>
      <h2>Runs</h2>
      <Problem error={said ? undefined : runs.error} again={runs.again} />
      {runs.value && runs.value.runs.length === 0 && <p class="none">It has had none.</p>}
      {runs.value && runs.value.runs.length > 0 && (
        <Table label="Runs" heads={["Due", "Why", "What came of it", "Workflow", "Status"]}>
          {runs.value.runs.map((run, i) => (
            <tr key={i}>
              <td>
                <Moment time={run.dueAt} />
              </td>
              <td>{words(run.cause)}</td>
              <td class={run.decision === "SKIPPED" ? "warn" : ""}>
                {words(run.decision)}
                {run.skipReason && <span class="soft"> {words(run.skipReason)}</span>}
              </td>
              <td>{run.workflowExecutionId ? <Short id={run.workflowExecutionId} href={to(["workflows", run.workflowExecutionId])} /> : NONE}</td>
              <td>{run.status ? words(run.status) : NONE}</td>
            </tr>
          ))}
        </Table>
      )}
      {dialog === "trigger" && <TriggerDialog of={now} close={close} done={done} />}
      {dialog === "update" && <UpdateScheduleDialog of={now} close={close} done={done} />}
      {dialog === "pause" && <PauseScheduleDialog of={now} close={close} done={done} />}
      {dialog === "resume" && <ResumeScheduleDialog of={now} close={close} done={done} />}
      {dialog === "backfill" && <BackfillDialog of={now} close={close} done={done} />}
      {dialog === "stop" && <StopBackfillDialog of={now} close={close} done={done} />}
      {dialog === "delete" && <DeleteScheduleDialog of={now} close={close} done={done} />}
    </section>
  );
}
