// One task: how far it is, what it says, and what it streams out.
import { useEffect, useRef, useState } from "preact/hooks";
import type { TaskExecution } from "@schema";
import { CancelTaskDialog, RetryTaskDialog } from "./actions";
import { get, may, stream } from "./api";
import { dismissed, Missing, useSteps, WhyNow } from "./execution";
import { to, useData, useDialog } from "./hooks";
import { download, ExecutionHead, Facts, Loading, Moment, Payload, Problem, Short, Status, Took } from "./parts";
import { local, ms } from "./text";
import { useWorkerNames } from "./worker-names";

const OPEN = ["PENDING", "RUNNING", "WAITING"];
const MOST = 1_000;

export function Task({ id }: { id: string }) {
  const [open, setOpen] = useState(true);
  const [steps, live] = useSteps("/api/orgs/{slug}/task-executions/{id}/stream", id, open);
  const task = useData<TaskExecution>(
    (signal) => get("/api/orgs/{slug}/task-executions/{id}", { id }, {}, signal),
    [id],
    open ? 3_000 : 0,
    steps,
  );
  const { dialog, show, said, close, done } = useDialog<"cancel" | "retry">(() => {
    setOpen(true);
    task.again();
  });
  const nameOf = useWorkerNames();
  const now = task.value;
  useEffect(() => {
    if (now) setOpen(OPEN.includes(now.status));
  }, [now?.status]);
  if (!now) return task.error ? <Missing error={task.error} again={task.again} /> : <Loading />;
  const isOpen = OPEN.includes(now.status);
  return (
    <section class="page execution" aria-labelledby="title">
      <ExecutionHead
        crumbs={
          <>
            <a href={to(["tasks"])}>Tasks</a>
            {now.workflowExecutionId && (
              <>
                {" "}
                / of workflow <Short id={now.workflowExecutionId} href={to(["workflows", now.workflowExecutionId])} />
              </>
            )}
          </>
        }
        name={now.kind}
        status={<Status of={now.status} />}
        id={now.id}
        live={isOpen && live}
      >
        <button type="button" onClick={() => download(`${id}.json`, JSON.stringify(now, null, 2))}>
          Download
        </button>
        {may("CANCEL") && now.status !== "COMPLETED" && now.status !== "RUNNING" && (
          <button type="button" onClick={() => show("retry")}>
            Retry…
          </button>
        )}
        {may("CANCEL") && isOpen && (
          <button type="button" class="danger" onClick={() => show("cancel")}>
            Cancel…
          </button>
        )}
      </ExecutionHead>
      <p class="said" role="status">
        {said}
      </p>
      <Problem error={task.error} again={task.again} />
      <div class="two">
        <Facts
          rows={[
            ["Created", <Moment time={now.createdAt} />],
            ["Last attempt", <Moment time={now.startedAt} />],
            ["Ended", now.completedAt ? <Moment time={now.completedAt} /> : <span class="soft">still open</span>],
            ["Took", <Took from={now.startedAt} to={now.completedAt} />],
            ["Attempt", `${now.executionCount} of ${now.maxRetries + 1}`],
            ["Queue", now.queue],
            ["Worker", now.workerId ? nameOf(now.workerId) : <span class="none">none has it now</span>],
            ...dismissed(now.dismissal),
            ...Object.entries(now.metadata).map(([name, value]) => [name, value] as [string, string]),
          ]}
        />
        <div>
          {isOpen && <WhyNow path="/api/orgs/{slug}/task-executions/{id}/why" id={id} steps={steps} nameOf={nameOf} settle={undefined} />}
          <div class={"why " + now.status.toLowerCase()}>
            <h2>Progress</h2>
            {now.progress !== undefined && now.progress > 0 ? (
              <label class="progress">
                <progress max={1} value={now.progress} /> {Math.round(now.progress * 100)} %{" "}
                <span class="soft">{now.progressDetails}</span>
              </label>
            ) : (
              <p class="soft">{isOpen ? "It has told of none." : "It has ended."}</p>
            )}
            {now.error && (
              <>
                <h3>{now.status === "COMPLETED" ? "An earlier attempt failed" : "Error"}</h3>
                <pre class="error" tabIndex={0}>
                  {now.error}
                </pre>
              </>
            )}
          </div>
        </div>
      </div>
      <h2>Log</h2>
      {now.log && now.log.length > 0 ? (
        <ol class="lines">
          {now.log.map((line, i) => (
            <li key={i} class={line.level.toLowerCase()}>
              <time dateTime={line.time ?? ""}>{line.time ? local(ms(line.time)) : ""}</time>
              <b>{line.level}</b>
              <span>{line.message}</span>
            </li>
          ))}
        </ol>
      ) : (
        <p class="none">{now.log ? "It has said nothing." : "Its log is gone from memory; the log of Kafka has it."}</p>
      )}
      {isOpen && <Streamed id={id} />}
      <div class="two">
        <div>
          <h2>Input</h2>
          <Payload value={now.input} name="input" />
        </div>
        <div>
          <h2>Output</h2>
          <Payload value={now.output} name="output" />
        </div>
      </div>
      {dialog === "cancel" && <CancelTaskDialog of={now} close={close} done={done} />}
      {dialog === "retry" && <RetryTaskDialog of={now} close={close} done={done} />}
    </section>
  );
}

/** What the task streams out, as it comes. */
function Streamed({ id }: { id: string }) {
  const [text, setText] = useState("");
  const end = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const abort = new AbortController();
    let parts: string[] = [];
    void stream("/api/orgs/{slug}/task-executions/{id}/stream", { id }, "", abort.signal, (sent) => {
      if (sent.event === "token" || sent.event === "data") {
        parts = [...parts.slice(-MOST), sent.event === "token" ? token(sent.data) : sent.data + "\n"];
        setText(parts.join(""));
      }
    }).catch(() => undefined);
    return () => abort.abort();
  }, [id]);
  useEffect(() => {
    if (end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [text]);
  if (!text) return null;
  return (
    <>
      <h2>Streamed out</h2>
      <pre ref={end} class="streamed" tabIndex={0}>
        {text}
      </pre>
    </>
  );
}

function token(data: string): string {
  try {
    const parsed = JSON.parse(data) as { text?: unknown; token?: unknown };
    return String(parsed.text ?? parsed.token ?? data);
  } catch {
    return data;
  }
}
