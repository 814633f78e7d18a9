// Queues: work that waits for a worker, and what is held back.
import { useEffect, useRef } from "preact/hooks";
import type { Kinds, Queues, Workers } from "@schema";
import { get, getParts, may } from "./api";
import { to, useData, useDialog } from "./hooks";
import { LimitQueueDialog, PauseQueueDialog, ResumeKindDialog, ResumeQueueDialog, UnlimitQueueDialog, type Limit } from "./policy-dialogs";
import { Ago, Loading, NONE, Page, Problem, Spark, Table } from "./parts";
import { number, quoted, some, span, words } from "./text";

const KEPT = 120;

type Held = { since: string; by: string; reason: string } | null;

/** Since when, by whom and why it is held back. */
export function HeldBy({ held }: { held: Held }) {
  if (!held) return <>{NONE}</>;
  return (
    <span class="warn">
      <Ago time={held.since} /> by {held.by}
      {held.reason && ": " + held.reason}
    </span>
  );
}

/** How much of a queue is handed out, and how much workers have of it. */
function Limits({ limit }: { limit: NonNullable<Limit> }) {
  return (
    <span title={`since ${limit.since} by ${limit.by}${limit.reason && ": " + limit.reason}`}>
      {[
        limit.inFlight && `${number(limit.inFlightNow)} of ${number(limit.inFlight)} in flight`,
        limit.rate && `${number(limit.rate)}/s, ${number(limit.burst ?? 0)} at once`,
        limit.fairBy && `in turn by ${limit.fairBy}`,
      ]
        .filter(Boolean)
        .join("; ")}
    </span>
  );
}

type Action =
  | { is: "pause" | "resume" | "unlimit"; queue: string; seen: number }
  | { is: "limit"; queue: string; limit: Limit; seen: number }
  | { is: "kind"; kind: string; workType: "WORKFLOW" | "TASK"; seen: number };

export function QueueList() {
  const queues = useData<Queues>(
    (signal) => getParts("/api/orgs/{slug}/queues", {}, {}, "queues", signal),
    [],
    2_000,
  );
  const workers = useData<Workers>(
    (signal) => getParts("/api/orgs/{slug}/workers", {}, { status: "ONLINE", limit: 500 }, "workers", signal),
    [],
    10_000,
  );
  const kinds = useData<Kinds>((signal) => get("/api/orgs/{slug}/kinds", {}, {}, signal), [], 5_000);
  const { dialog, show, said, close, done } = useDialog<Action>(() => {
    queues.again();
    kinds.again();
  });
  const depths = useRef(new Map<string, number[]>());
  useEffect(() => {
    for (const queue of queues.value?.queues ?? []) {
      const key = queue.queue + " " + queue.workType;
      depths.current.set(key, [...(depths.current.get(key) ?? []), queue.ready].slice(-KEPT));
    }
  }, [queues.value]);
  const all = queues.value?.queues ?? [];
  return (
    <Page title="Queues"
      beside={
        workers.value && <span class="soft">{some(workers.value.workers.length, "worker")} online</span>
      }
    >
      <p class="said" role="status">
        {said}
      </p>
      <Problem error={queues.error} again={queues.again} />
      {!queues.value && !queues.error && <Loading />}
      {queues.value && all.length === 0 && (
        <div class="empty">
          <p>Nothing waits in any queue.</p>
          <p class="soft">A queue stands here while work of it waits for a worker, or is held back.</p>
        </div>
      )}
      {all.length > 0 && (
        <Table label="Queues" heads={["Queue", "Work", { title: "Ready", number: true }, "Oldest waits for", "Ready lately", "Held back", "Look", ...(may("CANCEL") ? ["Do"] : [])]}>
          {all.map((queue) => {
            const key = queue.queue + " " + queue.workType;
            const list = queue.workType === "TASK" ? "tasks" : "workflows";
            return (
              <tr key={key}>
                <th scope="row">{queue.queue}</th>
                <td>{words(queue.workType)}s</td>
                <td class="number">{number(queue.ready)}</td>
                <td class={queue.oldestAgeMs > 60_000 ? "warn" : ""}>
                  {queue.oldestReadyAt ? span(queue.oldestAgeMs) : NONE}
                </td>
                <td>
                  <Spark values={depths.current.get(key) ?? []} label={`Ready work of ${queue.queue} in the last minutes`} />
                </td>
                <td class="wide">
                  {queue.limit && (
                    <div>
                      <Limits limit={queue.limit} />
                    </div>
                  )}
                  {(queue.paused || !queue.limit) && <HeldBy held={queue.paused} />}
                </td>
                <td>
                  <a href={to([list], { q: `queue = ${quoted(queue.queue)} AND ended IS NULL` })}>open {list}</a>
                </td>
                {may("CANCEL") && (
                  <td>
                    <div class="buttons">
                      <button
                        type="button"
                        onClick={() => show({ is: queue.paused ? "resume" : "pause", queue: queue.queue, seen: queue.policyVersion })}
                      >
                        {queue.paused ? "Resume" : "Pause"} {queue.queue}…
                      </button>
                      <button
                        type="button"
                        onClick={() => show({ is: "limit", queue: queue.queue, limit: queue.limit, seen: queue.policyVersion })}
                      >
                        Limit {queue.queue}…
                      </button>
                      {queue.limit && (
                        <button type="button" onClick={() => show({ is: "unlimit", queue: queue.queue, seen: queue.policyVersion })}>
                          Unlimit {queue.queue}…
                        </button>
                      )}
                    </div>
                  </td>
                )}
              </tr>
            );
          })}
        </Table>
      )}
      {(kinds.value?.kinds.length ?? 0) > 0 && (
        <>
          <h2>Kinds that are held back</h2>
          <Table label="Kinds that are held back" heads={["Kind", "Work", "Paused", ...(may("CANCEL") ? ["Do"] : [])]}>
            {(kinds.value?.kinds ?? []).map((one) => (
              <tr key={one.workType + " " + one.kind}>
                <th scope="row">{one.kind}</th>
                <td>{words(one.workType)}s</td>
                <td class="wide">
                  <HeldBy held={one.paused} />
                </td>
                {may("CANCEL") && (
                  <td>
                    <button type="button" onClick={() => show({ is: "kind", kind: one.kind, workType: one.workType, seen: one.policyVersion })}>
                      Resume {one.kind}…
                    </button>
                  </td>
                )}
              </tr>
            ))}
          </Table>
        </>
      )}
      {dialog?.is === "pause" && <PauseQueueDialog {...dialog} close={close} done={done} />}
      {dialog?.is === "resume" && <ResumeQueueDialog {...dialog} close={close} done={done} />}
      {dialog?.is === "limit" && <LimitQueueDialog {...dialog} close={close} done={done} />}
      {dialog?.is === "unlimit" && <UnlimitQueueDialog {...dialog} close={close} done={done} />}
      {dialog?.is === "kind" && <ResumeKindDialog {...dialog} close={close} done={done} />}
    </Page>
  );
}
