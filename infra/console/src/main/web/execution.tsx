// One workflow execution: how it stands, why, and all that happened to it, as it goes.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Event, Events as EventsAnswer, State, TaskExecutionList, Why, WorkflowExecution, WorkflowExecutionList } from "@schema";
import { ApiError, get, may, stream } from "./api";
import { CancelDialog, SignalDialog } from "./actions";
import { Events } from "./events";
import { to, useData, usePlace } from "./hooks";
import { Ago, Copy, download, Facts, Loading, Moment, Payload, Problem, Short, Status, Tabs, Took } from "./parts";
import { Timeline } from "./timeline";
import { localTimes, ms, number, some } from "./text";

const OPEN = ["PENDING", "RUNNING", "WAITING"];
const PATH = "/api/orgs/{slug}/workflow-executions/{id}";

const link = (type: "task" | "workflow", id: string) => to([type + "s", id]);

/**
 * Counts what happens to something that is open: each number asks anew. Where no stream can be had, it counts on by itself.
 */
export function useSteps(path: "/api/orgs/{slug}/workflow-executions/{id}/stream" | "/api/orgs/{slug}/task-executions/{id}/stream", id: string, open: boolean): [number, boolean] {
  const [steps, count] = useState(0);
  const [live, setLive] = useState(false);
  useEffect(() => {
    if (!open) return undefined;
    const abort = new AbortController();
    let timer = 0;
    let waiting = 0;
    const step = () => {
      // What comes in a burst is looked at once.
      if (!waiting) waiting = window.setTimeout(() => ((waiting = 0), count((n) => n + 1)), 250);
    };
    let after = "";
    const run = async () => {
      try {
        setLive(true);
        const over = await stream(path, { id }, after, abort.signal, (sent) => {
          after = sent.id || after;
          step();
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
  }, [path, id, open]);
  return [steps, live];
}

export function Execution({ id }: { id: string }) {
  const { query } = usePlace();
  const tab = query.get("tab") ?? "timeline";
  const [open, setOpen] = useState(true);
  const [steps, live] = useSteps("/api/orgs/{slug}/workflow-executions/{id}/stream", id, open);
  const execution = useData<WorkflowExecution>((signal) => get(PATH, { id }, {}, signal), [id, steps]);
  // What stands in no history comes a moment later than the rest.
  const settling = open || Date.now() - ms(execution.value?.closedAt) < 15_000;
  const events = useData<EventsAnswer>(
    (signal) => get("/api/orgs/{slug}/workflow-executions/{id}/events", { id }, { audience: "all" }, signal),
    [id, steps],
    settling ? 2_000 : 0,
  );
  const tasks = useData<TaskExecutionList>(
    (signal) => get("/api/orgs/{slug}/task-executions", {}, { workflowExecutionId: id, limit: 500 }, signal),
    [id, steps],
    settling ? 3_000 : 0,
  );
  const children = useData<WorkflowExecutionList>(
    (signal) => get("/api/orgs/{slug}/workflow-executions", {}, { q: `parent = ${id}`, limit: 500 }, signal),
    [id, steps],
    settling ? 5_000 : 0,
  );
  const [dialog, show] = useState<"cancel" | "signal">();
  const [said, say] = useState("");
  const now = execution.value;
  useEffect(() => {
    if (now) setOpen(OPEN.includes(now.status));
  }, [now?.status]);
  const people = useMemo(() => events.value?.events ?? [], [events.value]);

  if (!now) return execution.error ? <Missing error={execution.error} again={execution.again} /> : <Loading />;
  const choose = (next: string) => (location.hash = to(["workflows", id], { tab: next === "timeline" ? undefined : next }));
  const done = (text: string) => {
    show(undefined);
    say(text);
    execution.again();
    events.again();
  };
  return (
    <section class="page execution" aria-labelledby="title">
      <header>
        <p class="crumbs">
          <a href={to(["workflows"])}>Workflows</a>
          {now.parentExecutionId && (
            <>
              {" "}
              / child of <Short id={now.parentExecutionId} href={to(["workflows", now.parentExecutionId])} />
            </>
          )}
        </p>
        <h1 id="title">
          {now.kind} <Status of={now.status} />
          {OPEN.includes(now.status) && live && <span class="live">live</span>}
        </h1>
        <p class="idline">
          <code>{now.id}</code> <Copy text={now.id} label="Copy the id" />
        </p>
        <div class="buttons">
          <button type="button" onClick={() => void save(id)}>
            Download
          </button>
          {may("START") && OPEN.includes(now.status) && (
            <button type="button" onClick={() => show("signal")}>
              Signal…
            </button>
          )}
          {may("CANCEL") && OPEN.includes(now.status) && (
            <button type="button" class="danger" onClick={() => show("cancel")}>
              Cancel…
            </button>
          )}
        </div>
      </header>
      <p class="said" role="status">
        {said}
      </p>
      {now.broken && (
        <p class="problem" role="alert">
          An outcome on the log names this execution that does not fit what stands before it. It was not believed: look at the audit.
        </p>
      )}
      <Problem error={execution.error} again={execution.again} />
      <div class="two">
        <Facts
          rows={[
            ["Created", <Moment time={now.createdAt} />],
            ["Ended", now.closedAt ? <Moment time={now.closedAt} /> : <span class="soft">still open</span>],
            ["Took", <Took from={now.createdAt} to={now.closedAt} />],
            ["Queue", <a href={to(["workflows"], { q: `queue = "${now.queue}"` })}>{now.queue}</a>],
            ["Worker", now.workerId ?? <span class="none">none has it now</span>],
            ["Events", number(now.historyLength)],
            ...(now.workflowVersion ? [["Version", now.workflowVersion] as [string, string]] : []),
            ...(now.prioritySeconds ? [["Priority", now.prioritySeconds + " s"] as [string, string]] : []),
            ...(now.deliveries > 1 ? [["Handed out", now.deliveries + " times in a row"] as [string, string]] : []),
            ...Object.entries(now.metadata).map(([name, value]) => [name, value] as [string, string]),
          ]}
        />
        {OPEN.includes(now.status) ? <WhyNow id={id} steps={steps} /> : <Outcome of={now} />}
      </div>
      <Tabs
        label="Parts of the execution"
        chosen={tab}
        choose={choose}
        tabs={[
          { id: "timeline", title: "Timeline" },
          { id: "events", title: "Events", count: people.length },
          { id: "tasks", title: "Tasks", count: tasks.value?.taskExecutions.length },
          { id: "children", title: "Children", count: children.value?.workflowExecutions.length },
          { id: "payloads", title: "Input and output" },
          { id: "state", title: "State" },
        ]}
      />
      <div id="panel" role="tabpanel" aria-labelledby={"tab-" + tab} tabIndex={-1}>
        {tab === "timeline" && (
          <>
            <Problem error={events.error} again={events.again} />
            {events.value ? <Timeline events={people} link={link} closedAt={now.closedAt} /> : !events.error && <Loading />}
          </>
        )}
        {tab === "events" && (
          <>
            <Problem error={events.error} again={events.again} />
            {events.value && (
              <Events events={people} save={() => download(`${id}-events.json`, JSON.stringify(people, null, 2))} />
            )}
          </>
        )}
        {tab === "tasks" && <Tasks of={tasks.value} error={tasks.error} again={tasks.again} />}
        {tab === "children" && <Children of={children.value} error={children.error} again={children.again} />}
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
      {dialog === "cancel" && <CancelDialog what="workflow" id={id} close={() => show(undefined)} done={done} />}
      {dialog === "signal" && <SignalDialog id={id} close={() => show(undefined)} done={done} />}
    </section>
  );
}

async function save(id: string) {
  const [execution, events] = await Promise.all([
    get(PATH, { id }),
    get("/api/orgs/{slug}/workflow-executions/{id}/events", { id }, { audience: "all" }),
  ]);
  download(`${id}.json`, JSON.stringify({ execution, events: (events as { events: Event[] }).events }, null, 2));
}

export function Missing({ error, again }: { error: ApiError; again: () => void }) {
  return (
    <section class="page">
      <h1>{error.status === 404 || error.status === 400 ? "There is none of this id" : "It cannot be shown now"}</h1>
      <Problem error={error} again={again} />
    </section>
  );
}

function WhyNow({ id, steps }: { id: string; steps: number }) {
  const why = useData<Why>(
    (signal) => get("/api/orgs/{slug}/workflow-executions/{id}/why", { id }, {}, signal),
    [id, steps],
    10_000,
  );
  return (
    <div class="why" aria-live="polite">
      <h2>Why it stands here</h2>
      <Problem error={why.error?.status === 404 ? undefined : why.error} again={why.again} />
      {why.value && (
        <>
          <p>{localTimes(why.value.sentence)}</p>
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
  return (
    <div class={"why " + of.status.toLowerCase()}>
      <h2>{of.status === "COMPLETED" ? "Output" : of.status === "FAILED" ? "Why it failed" : "Why it was cancelled"}</h2>
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

function Tasks({ of, error, again }: { of: TaskExecutionList | undefined; error: ApiError | undefined; again: () => void }) {
  if (!of) return error ? <Problem error={error} again={again} /> : <Loading />;
  if (of.taskExecutions.length === 0) return <p class="none">It has no tasks.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Tasks">
      <table>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Kind</th>
            <th scope="col">Id</th>
            <th scope="col">Attempt</th>
            <th scope="col">Created</th>
            <th scope="col">Took</th>
            <th scope="col">Worker</th>
            <th scope="col">Error</th>
          </tr>
        </thead>
        <tbody>
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
              <td>{task.workerId ?? <span class="none">–</span>}</td>
              <td class="wide">{task.error ?? <span class="none">–</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Children({ of, error, again }: { of: WorkflowExecutionList | undefined; error: ApiError | undefined; again: () => void }) {
  if (!of) return error ? <Problem error={error} again={again} /> : <Loading />;
  if (of.workflowExecutions.length === 0) return <p class="none">It has no children.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Children">
      <table>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col">Id</th>
            <th scope="col">Took</th>
            <th scope="col">Error</th>
          </tr>
        </thead>
        <tbody>
          {[...of.workflowExecutions].reverse().map((child) => (
            <tr key={child.id}>
              <td>
                <Status of={child.status} />
              </td>
              <td>{child.childExecutionName}</td>
              <td>{child.kind}</td>
              <td>
                <Short id={child.id} href={to(["workflows", child.id])} />
              </td>
              <td>
                <Took from={child.createdAt} to={child.closedAt} />
              </td>
              <td class="wide">{child.error ?? <span class="none">–</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
