// One workflow execution: how it stands, why, and all that happened to it, as it goes.
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Event, Events as EventsAnswer, State, TaskExecutionList, Why, WorkflowExecution, WorkflowExecutionList } from "@schema";
import {
  AnnotateDialog,
  CancelWorkflowDialog,
  type OpenPromise,
  PauseDialog,
  RejectDialog,
  ResolveDialog,
  ResetDialog,
  ContinueAsNewDialog,
  RestartDialog,
  ResumeDialog,
  RetryWorkflowDialog,
  SignalDialog,
  TerminateDialog,
} from "./actions";
import { get, getParts, getText, may, type Sent, stream } from "./api";
import { ApiError } from "./api-error";
import { Events } from "./events";
import { Family } from "./family";
import { to, useData, useDialog, usePlace, useSending, useVisible } from "./hooks";
import { Ago, download, ExecutionHead, Facts, Lag, Loading, Moment, NONE, Payload, Problem, Short, Status, Table, Tabs, Took, WorkflowStatus } from "./parts";
import { StartDialog } from "./start";
import { localTimes, ms, number, some, words } from "./text";
import { InTime } from "./time";
import { Timeline } from "./timeline";
import { Waits } from "./waits";
import { type NameOf, useWorkerNames } from "./worker-names";

const OPEN = ["PENDING", "RUNNING", "WAITING"];
const PATH = "/api/orgs/{slug}/workflow-executions/{id}";
/** What a task sends while it runs changes nothing of its workflow, and may come many times a second. The workflow's own events are data as well. */
const ofTask = (sent: Sent) => ["token", "progress"].includes(sent.event) || (sent.event === "data" && !isEvent(sent.data));

function isEvent(data: string): boolean {
  try {
    return JSON.parse(data)?.type === "Event";
  } catch {
    return false;
  }
}

/** Tabs of which some or all comes from the read model. */
const OF_READ_MODEL = ["timeline", "events", "tasks", "family", "time"];

const link = (type: "task" | "workflow", id: string) => to([type + "s", id]);

/**
 * Counts what happens to something that is open: each number asks anew. Where no stream can be had, it counts on by itself.
 *
 * @param seen place in the stream up to which all is known; missing: from the beginning
 */
export function useSteps(
  path: "/api/orgs/{slug}/workflow-executions/{id}/stream" | "/api/orgs/{slug}/task-executions/{id}/stream",
  id: string,
  open: boolean,
  seen = "",
): [number, boolean] {
  const [steps, count] = useState(0);
  const [live, setLive] = useState(false);
  const visible = useVisible();
  useEffect(() => {
    // A browser has few connections to a server, for all of its tabs together.
    if (!open || !visible) return undefined;
    const abort = new AbortController();
    let timer = 0;
    let waiting = 0;
    const step = () => {
      // What comes in a burst is looked at once.
      if (!waiting) waiting = window.setTimeout(() => ((waiting = 0), count((n) => n + 1)), 250);
    };
    let after = seen;
    const ofWorkflow = path.startsWith(PATH);
    const run = async () => {
      try {
        setLive(true);
        const over = await stream(path, { id }, after, abort.signal, (sent) => {
          after = sent.id || after;
          if (!(ofWorkflow && ofTask(sent))) step();
        });
        step();
        if (!over) timer = window.setTimeout(run, 2_000);
      } catch {
        if (abort.signal.aborted) return;
        setLive(false);
        step();
        timer = window.setTimeout(run, 5_000);
      }
    };
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
      clearTimeout(waiting);
      setLive(false);
    };
  }, [path, id, open, seen, visible]);
  return [steps, live];
}

export function Execution({ id }: { id: string }) {
  const { query } = usePlace();
  const tab = query.get("tab") ?? "timeline";
  const [open, setOpen] = useState(true);
  // A long history is not told once more as a stream: that begins behind what there was when the page was opened.
  const [seen, setSeen] = useState<string>();
  const [steps, live] = useSteps("/api/orgs/{slug}/workflow-executions/{id}/stream", id, open && seen !== undefined, seen);
  const execution = useData<WorkflowExecution>((signal) => get(PATH, { id }, {}, signal), [id], 0, steps);
  // What stands in no history comes a moment later than the rest.
  const settling = open || Date.now() - ms(execution.value?.closedAt) < 15_000;
  const events = useData<EventsAnswer>(
    (signal) => getParts("/api/orgs/{slug}/workflow-executions/{id}/events", { id }, { audience: "all" }, "events", signal),
    [id],
    settling ? 2_000 : 0,
    steps,
  );
  const tasks = useData<TaskExecutionList>(
    (signal) =>
      getParts("/api/orgs/{slug}/task-executions", {}, { workflowExecutionId: id, limit: 500 }, "taskExecutions", signal),
    [id],
    settling ? 3_000 : 0,
    steps,
  );
  const children = useData<WorkflowExecutionList>(
    (signal) =>
      getParts("/api/orgs/{slug}/workflow-executions", {}, { q: `parent = ${id}`, limit: 500 }, "workflowExecutions", signal),
    [id],
    settling ? 5_000 : 0,
    steps,
  );
  const { dialog, show, said, close, done } = useDialog<Dialogs>(() => {
    execution.again();
    events.again();
  });
  const nameOf = useWorkerNames();
  const saving = useSending(() => save(id));
  const proving = useSending(async () =>
    download(`${id}.proof.jsonl`, await getText("/api/orgs/{slug}/workflow-executions/{id}/proof", { id }), "application/jsonl"),
  );
  const now = execution.value;
  useEffect(() => {
    if (now) setOpen(OPEN.includes(now.status));
  }, [now?.status]);
  useEffect(() => {
    if (now) setSeen((before) => before ?? `-1.${now.historyLength}`);
  }, [now?.historyLength]);
  const people = useMemo(() => events.value?.events ?? [], [events.value]);

  if (!now) return execution.error ? <Missing error={execution.error} again={execution.again} /> : <Loading />;
  const isOpen = OPEN.includes(now.status);
  const choose = (next: string, at?: number) =>
    (location.hash = to(["workflows", id], { tab: next === "timeline" ? undefined : next, at: at?.toString() }));
  return (
    <section class="page execution" aria-labelledby="title">
      <ExecutionHead
        crumbs={
          <>
            <a href={to(["workflows"])}>Workflows</a>
            {now.parentExecutionId && (
              <>
                {" "}
                / child of <Short id={now.parentExecutionId} href={to(["workflows", now.parentExecutionId])} />
              </>
            )}
            {now.resetFrom && (
              <>
                {" "}
                / goes on from <Short id={now.resetFrom} href={to(["workflows", now.resetFrom])} />
              </>
            )}
            {now.resetTo && (
              <>
                {" "}
                / goes on as <Short id={now.resetTo} href={to(["workflows", now.resetTo])} />
              </>
            )}
          </>
        }
        name={now.kind}
        status={<WorkflowStatus of={now} />}
        id={now.id}
        live={isOpen && live}
      >
        <button type="button" disabled={saving.busy} onClick={saving.send}>
          Download
        </button>
        {may("AUDIT") && (
          <button
            type="button"
            title="All that is on the log about it, with a proof of each record: millrace audit verify checks it, offline"
            disabled={proving.busy}
            onClick={proving.send}
          >
            Proof
          </button>
        )}
        {may("START") && isOpen && (
          <button type="button" onClick={() => show({ is: "signal" })}>
            Signal…
          </button>
        )}
        {may("START") && (
          <button type="button" onClick={() => show({ is: "start" })}>
            Start another…
          </button>
        )}
        {may("CANCEL") && (
          <button type="button" onClick={() => show({ is: "annotate" })}>
            Note…
          </button>
        )}
        {may("CANCEL") &&
          actions(now).map((action) => (
            <button key={action.is} type="button" class={action.danger ? "danger" : ""} onClick={() => show({ is: action.is })}>
              {words(action.is.replaceAll("-", "_"))}…
            </button>
          ))}
      </ExecutionHead>
      <p class="said" role="status">
        {said}
      </p>
      {now.broken && (
        <p class="problem" role="alert">
          An outcome on the log names this execution that does not fit what stands before it. It was not believed: look at the audit.
        </p>
      )}
      <Problem error={execution.error} again={execution.again} />
      <Problem error={saving.error ?? proving.error} />
      <div class="two">
        <Facts
          rows={[
            ["Created", <Moment time={now.createdAt} />],
            ["Ended", now.closedAt ? <Moment time={now.closedAt} /> : <span class="soft">still open</span>],
            ["Took", <Took from={now.createdAt} to={now.closedAt} />],
            ["Queue", <a href={to(["workflows"], { q: `queue = "${now.queue}"` })}>{now.queue}</a>],
            ["Worker", now.workerId ? nameOf(now.workerId) : <span class="none">none has it now</span>],
            ["History", some(now.historyLength, "event")],
            ...(now.terminatedBy ? [["Terminated by", now.terminatedBy] as [string, string]] : []),
            ...paused(now),
            ...dismissed(now.dismissal),
            ...notes(people),
            ...(now.workflowVersion ? [["Version", now.workflowVersion] as [string, string]] : []),
            ...(now.prioritySeconds ? [["Priority", now.prioritySeconds + " s"] as [string, string]] : []),
            ...(now.deliveries > 1 ? [["Handed out", now.deliveries + " times in a row"] as [string, string]] : []),
            ...Object.entries(now.metadata).map(([name, value]) => [name, value] as [string, string]),
          ]}
        />
        {isOpen ? (
          <WhyNow
            path="/api/orgs/{slug}/workflow-executions/{id}/why"
            id={id}
            steps={steps}
            nameOf={nameOf}
            settle={may("START") ? (is, promise) => show({ is, promise }) : undefined}
          />
        ) : (
          <Outcome of={now} />
        )}
      </div>
      <Tabs
        label="Parts of the execution"
        chosen={tab}
        choose={choose}
        tabs={[
          { id: "timeline", title: "Timeline" },
          { id: "events", title: "Events", count: events.value?.events.length },
          { id: "tasks", title: "Tasks", count: tasks.value?.taskExecutions.length },
          { id: "family", title: "Family", count: children.value?.workflowExecutions.length },
          { id: "payloads", title: "Input and output" },
          { id: "state", title: "State" },
          { id: "time", title: "In time" },
        ]}
      />
      {OF_READ_MODEL.includes(tab) && <Lag />}
      {events.value?.nextCursor && (
        <p class="soft">Only the first {number(people.length)} events are shown. A download has all of them.</p>
      )}
      <div id="panel" role="tabpanel" aria-labelledby={"tab-" + tab} tabIndex={-1}>
        {tab === "timeline" && (
          <>
            <Problem error={events.error} again={events.again} />
            {events.value ? <Timeline events={people} link={link} nameOf={nameOf} closedAt={now.closedAt} /> : !events.error && <Loading />}
          </>
        )}
        {tab === "events" && (
          <>
            <Problem error={events.error} again={events.again} />
            {events.value && (
              <Events
                events={people}
                nameOf={nameOf}
                save={() => download(`${id}-events.json`, JSON.stringify(people, null, 2))}
                then={(at) => choose("time", at)}
                reset={may("CANCEL") ? (at) => show({ is: "reset", at }) : undefined}
              />
            )}
          </>
        )}
        {tab === "tasks" && <Tasks of={tasks.value} nameOf={nameOf} error={tasks.error} again={tasks.again} />}
        {tab === "family" && (
          <Family of={now} children={children.value?.workflowExecutions} error={children.error} again={children.again} />
        )}
        {tab === "time" && (
          <>
            <Problem error={events.error} again={events.again} />
            {events.value ? (
              <InTime
                events={people}
                at={query.get("at")}
                // Each step is not a page of its own: back leads to where one came from.
                go={(at) => location.replace(to(["workflows", id], { tab: "time", at: at.toString() }))}
              />
            ) : (
              !events.error && <Loading />
            )}
          </>
        )}
        {tab === "payloads" && (
          <div class="two">
            <div>
              <h2>Input</h2>
              <Payload value={now.input} name="input" />
            </div>
            <div>
              <h2>Output</h2>
              <Payload value={now.output} name="output" />
              {now.error && (
                <>
                  <h2>Error</h2>
                  <pre class="error" tabIndex={0}>
                    {now.error}
                  </pre>
                </>
              )}
            </div>
          </div>
        )}
        {tab === "state" && <StateMap id={id} steps={steps} />}
      </div>
      {dialog?.is === "signal" && <SignalDialog id={id} awaited={awaited(now, people)} known={signals(people)} close={close} done={done} />}
      {dialog?.is === "start" && <StartDialog like={now} close={close} done={done} />}
      {dialog?.is === "resolve" && dialog.promise && <ResolveDialog of={dialog.promise} close={close} done={done} />}
      {dialog?.is === "reject" && dialog.promise && <RejectDialog of={dialog.promise} close={close} done={done} />}
      {dialog?.is === "annotate" && <AnnotateDialog of={now} close={close} done={done} />}
      {dialog?.is === "pause" && <PauseDialog of={now} close={close} done={done} />}
      {dialog?.is === "resume" && <ResumeDialog of={now} close={close} done={done} />}
      {dialog?.is === "retry" && <RetryWorkflowDialog of={now} close={close} done={done} />}
      {dialog?.is === "reset" && <ResetDialog of={now} events={people} at={dialog.at} close={close} done={done} />}
      {dialog?.is === "restart" && <RestartDialog of={now} close={close} done={done} />}
      {dialog?.is === "continue-as-new" && <ContinueAsNewDialog of={now} close={close} done={done} />}
      {dialog?.is === "cancel" && <CancelWorkflowDialog of={now} close={close} done={done} />}
      {dialog?.is === "terminate" && <TerminateDialog of={now} close={close} done={done} />}
    </section>
  );
}

type ActionName = "pause" | "resume" | "retry" | "reset" | "restart" | "continue-as-new" | "cancel" | "terminate";

interface Dialogs {
  is: ActionName | "signal" | "annotate" | "start" | "resolve" | "reject";
  /** The one that is settled. */
  promise?: OpenPromise;
  /** Number of the event that a reset keeps last. */
  at?: number;
}

/** What may be done to it as it stands. */
function actions(now: WorkflowExecution): Array<{ is: ActionName; danger?: boolean }> {
  const again: Array<{ is: ActionName }> = [{ is: "reset" }, { is: "restart" }];
  // What is asked of an earlier run goes to the newest one: that one's page has the buttons.
  if (now.resetTo) return [];
  if (!OPEN.includes(now.status)) return now.status === "COMPLETED" ? again : [{ is: "retry" }, ...again];
  return [
    { is: now.pausedAt ? "resume" : "pause" },
    ...again,
    { is: "continue-as-new" },
    { is: "cancel", danger: true },
    { is: "terminate", danger: true },
  ];
}

/** @returns names of the signals that it has had, each once */
function signals(events: Event[]): string[] {
  const names = events.filter((event) => event.eventType === "SIGNAL_RECEIVED").map((event) => (event.data as { signalName?: string }).signalName ?? "");
  return [...new Set(names)].filter((name) => name).sort();
}

/** What a worker of ours says when it gives a workflow back that waits for a signal. */
const WAITS_FOR_SIGNAL = /^Waiting for signal (.+)$/;

/** @returns name of the signal that it waits for, as its worker said last; empty: it waits for none, or the worker did not say so */
function awaited(now: WorkflowExecution, events: Event[]): string {
  if (now.status !== "WAITING") return "";
  const last = events.filter((event) => event.eventType === "WORKFLOW_SUSPENDED").at(-1);
  return WAITS_FOR_SIGNAL.exec((last?.data as { reason?: string } | undefined)?.reason ?? "")?.[1] ?? "";
}

/** What people noted about it. */
function notes(events: Event[]): Array<[string, ComponentChildren]> {
  return events
    .filter((event) => event.eventType === "WORKFLOW_ANNOTATED")
    .map((event) => {
      const data = event.data as { text?: string; requestedBy?: string };
      return [
        "Note",
        <>
          {data.text} <span class="soft">{data.requestedBy}</span> <Ago time={event.timestamp} />
        </>,
      ];
    });
}

/** Who has dismissed it as a dead letter, if somebody has. */
export function dismissed(by: WorkflowExecution["dismissal"]): Array<[string, ComponentChildren]> {
  if (!by) return [];
  return [
    [
      "Dismissed",
      <>
        <Ago time={by.at} /> by {by.by}: {by.reason}
      </>,
    ],
  ];
}

function paused(now: WorkflowExecution): Array<[string, ComponentChildren]> {
  if (!now.pausedAt) return [];
  return [
    [
      "Paused",
      <>
        <Ago time={now.pausedAt} /> by {now.pausedBy}
        {now.pauseReason && <>: {now.pauseReason}</>}
      </>,
    ],
  ];
}

async function save(id: string) {
  const [execution, events] = await Promise.all([
    get(PATH, { id }),
    getParts("/api/orgs/{slug}/workflow-executions/{id}/events", { id }, { audience: "all" }, "events", undefined, Infinity),
  ]);
  download(`${id}.json`, JSON.stringify({ execution, events: events.events }, null, 2));
}

export function Missing({ error, again }: { error: ApiError; again: () => void }) {
  return (
    <section class="page">
      <h1>{error.status === 404 || error.status === 400 ? "There is none of this id" : "It cannot be shown now"}</h1>
      <Problem error={error} again={again} />
    </section>
  );
}

/** Why an open execution stands where it does. */
export function WhyNow({
  path,
  id,
  steps,
  nameOf,
  settle,
}: {
  path: "/api/orgs/{slug}/workflow-executions/{id}/why" | "/api/orgs/{slug}/task-executions/{id}/why";
  id: string;
  steps: number;
  nameOf: NameOf;
  /** Settles one of its promises; missing: that may not be done. */
  settle: ((how: "resolve" | "reject", of: OpenPromise) => void) | undefined;
}) {
  const why = useData<Why>(
    (signal) => get(path, { id }, {}, signal),
    [path, id, steps],
    10_000,
  );
  return (
    <div class="why" aria-live="polite">
      <h2>Why it stands here</h2>
      <Problem error={why.error?.status === 404 ? undefined : why.error} again={why.again} />
      {why.value && (
        <>
          <p>{localTimes(why.value.sentence)}</p>
          <Waits facts={why.value.facts} nameOf={nameOf} settle={settle} />
          {why.value.workers.map((work, i) =>
            work.living > 0 ? (
              <p key={i} class="soft">
                {some(work.living, "living worker")} registered {work.kind}.
              </p>
            ) : (
              work.lastSeenAt && (
                <p key={i} class="warn">
                  The last worker with {work.kind} was seen <Ago time={work.lastSeenAt} />.
                </p>
              )
            ),
          )}
        </>
      )}
    </div>
  );
}

function Outcome({ of }: { of: WorkflowExecution }) {
  // The way names the run that it goes on as.
  if (of.status === "CONTINUED_AS_NEW") return null;
  return (
    <div class={"why " + of.status.toLowerCase()}>
      <h2>
        {of.status === "COMPLETED"
          ? "Output"
          : of.status === "FAILED"
            ? "Why it failed"
            : of.terminatedBy
              ? `Terminated by ${of.terminatedBy}`
              : "Why it was cancelled"}
      </h2>
      {of.status === "COMPLETED" ? (
        <Payload value={of.output} name="output" />
      ) : (
        <pre class="error" tabIndex={0}>
          {of.error ?? "No reason was given."}
        </pre>
      )}
    </div>
  );
}

function Tasks({
  of,
  nameOf,
  error,
  again,
}: {
  of: TaskExecutionList | undefined;
  nameOf: NameOf;
  error: ApiError | undefined;
  again: () => void;
}) {
  if (!of) return error ? <Problem error={error} again={again} /> : <Loading />;
  if (of.taskExecutions.length === 0) return <p class="none">It has no tasks.</p>;
  return (
    <Table label="Tasks" heads={["Status", "Kind", "Id", "Attempt", "Created", "Took", "Worker", "Error"]}>
          {[...of.taskExecutions].reverse().map((task) => (
            <tr key={task.id}>
              <td>
                <Status of={task.status} />
              </td>
              <td>{task.kind}</td>
              <td>
                <Short id={task.id} href={to(["tasks", task.id])} />
              </td>
              <td>
                {task.executionCount} of {task.maxRetries + 1}
              </td>
              <td>
                <Ago time={task.createdAt} />
              </td>
              <td>
                <Took from={task.startedAt} to={task.completedAt} />
              </td>
              <td>{task.workerId ? nameOf(task.workerId) : NONE}</td>
              <td class="wide">{task.error ?? NONE}</td>
            </tr>
          ))}
    </Table>
  );
}

function StateMap({ id, steps }: { id: string; steps: number }) {
  const state = useData<State>(
    (signal) => get("/api/orgs/{slug}/workflow-executions/{id}/state", { id }, {}, signal),
    [id, steps],
  );
  const last = useRef(state.value);
  last.current = state.value ?? last.current;
  if (!last.current) return state.error ? <Problem error={state.error} again={state.again} /> : <Loading />;
  const entries = Object.entries(last.current.state ?? {});
  if (entries.length === 0) return <p class="none">Its state has no entries.</p>;
  return (
    <>
      {entries.map(([name, value]) => (
        <div key={name}>
          <h3>{name}</h3>
          <Payload value={value} name={name} />
        </div>
      ))}
    </>
  );
}
