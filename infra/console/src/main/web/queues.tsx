// Queues: work that waits for a worker, and what is held back.
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Kinds, Queues, QueueWhy, Workers } from "@schema";
import { get, getParts, may } from "./api";
import { useList } from "./changes";
import { to, useData, useDialog, useNow, usePlace } from "./hooks";
import { Ago, Live, Loading, NONE, Page, Problem, seen, type Sight, Spark, Table } from "./parts";
import { Plot } from "./plot";
import {
  type KindOf,
  type Limit,
  LimitQueueDialog,
  PauseKindDialog,
  PauseQueueDialog,
  ResumeKindDialog,
  ResumeQueueDialog,
  UnlimitQueueDialog,
} from "./policy-dialogs";
import { localTimes, ms, number, quoted, some, span, words } from "./text";

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
  | { is: "kind"; kind: string; workType: "WORKFLOW" | "TASK"; seen: number }
  | { is: "pause-kind" };

/** What was seen of the work of a queue lately, the newest last. */
interface Seen {
  ready: Sight[];
  age: Sight[];
}

/** The kinds that workers are there for, each once. */
function kindsOf(workers: Workers | undefined): KindOf[] {
  const of = (kinds: string[], workType: KindOf["workType"]) => [...new Set(kinds)].sort().map((kind) => ({ kind, workType }));
  const all = workers?.workers ?? [];
  return [...of(all.flatMap((one) => one.workflowKinds), "WORKFLOW"), ...of(all.flatMap((one) => one.taskKinds), "TASK")];
}

type Work = QueueWhy["work"][number];

/** How fast work of a queue comes, is taken and ends, as the read model has it; asked for only while somebody looks. */
function Rates({ queue }: { queue: string }) {
  const why = useData<QueueWhy>((signal) => get("/api/orgs/{slug}/queues/{queue}/why", { queue }, {}, signal), [queue], 5_000);
  const before = useRef(new Map<string, Sight[]>());
  const minutes = Math.max(1, why.value?.minutes ?? 1);
  // As it is drawn: each answer adds to what was seen, once.
  const sights = useMemo(() => {
    const at = Date.now();
    for (const work of why.value?.work ?? []) {
      const now = {
        ready: work.ready,
        held: work.held ?? 0,
        oldest: work.oldestReadyAt ? Math.max(0, at - ms(work.oldestReadyAt)) : 0,
        came: (work.came ?? 0) / minutes,
        taken: (work.taken ?? 0) / minutes,
        ended: (work.ended ?? 0) / minutes,
      };
      for (const [name, value] of Object.entries(now)) {
        const key = work.workType + " " + name;
        before.current.set(key, seen(before.current.get(key), value, at));
      }
    }
    return (work: Work, name: string) => before.current.get(work.workType + " " + name) ?? [];
  }, [why.value]);
  return (
    <section aria-label={`Rates of ${queue}`}>
      <h2>Rates of {queue}</h2>
      <Problem error={why.error} again={why.again} />
      {!why.value && !why.error && <Loading />}
      {why.value && (
        <>
          <p>{localTimes(why.value.sentence)}</p>
          <Table label={`Rates of ${queue}`} heads={["Work", ...RATES.map(words), { title: "With workers", number: true }]}>
            {why.value.work.map((work) => (
              <tr key={work.workType}>
                <th scope="row">{words(work.workType)}s</th>
                {RATES.map((name) => (
                  <td key={name}>
                    {work.readModelAnswers ? `${rate((work[name] ?? 0) / minutes)} a minute` : NONE}
                  </td>
                ))}
                <td class="number">{work.readModelAnswers ? number(work.held ?? 0) : NONE}</td>
              </tr>
            ))}
          </Table>
          {why.value.work.filter((work) => work.ready + (work.held ?? 0) + (work.came ?? 0) + (work.ended ?? 0) > 0).map((work) => (
            <div class="plots" key={work.workType}>
              <Plot
                title={`${words(work.workType)}s: ready, with workers`}
                shown={rate}
                lines={[
                  { name: "Ready", sights: sights(work, "ready"), colour: "--bar-wait" },
                  { name: "With workers", sights: sights(work, "held"), colour: "--bar-work" },
                ]}
              />
              <Plot title="The oldest waits for" shown={span} lines={[{ name: "Oldest", sights: sights(work, "oldest"), colour: "--bar-bad" }]} />
              <Plot
                title="In a minute"
                shown={rate}
                lines={[
                  { name: "Came", sights: sights(work, "came"), colour: "--bar-wait" },
                  { name: "Taken", sights: sights(work, "taken"), colour: "--bar-work" },
                  { name: "Ended", sights: sights(work, "ended"), colour: "--bar-good" },
                ]}
              />
            </div>
          ))}
          <Takers queue={queue} of={why.value} />
        </>
      )}
    </section>
  );
}

/** Which kinds wait in a queue, and whether workers live that could take them. */
function Takers({ queue, of }: { queue: string; of: QueueWhy }) {
  const kinds = of.work.flatMap((work) => (work.kinds ?? []).map((one) => ({ ...one, list: work.workType === "TASK" ? "tasks" : "workflows" })));
  if (kinds.length === 0) return null;
  return (
    <>
      <h2>Kinds that wait in {queue}</h2>
      <Table
        label={`Kinds that wait in ${queue}`}
        heads={["Kind", "Work", { title: "Pending", number: true }, { title: "Living workers", number: true }, "One was last seen"]}
      >
        {kinds.map((one) => (
          <tr key={one.list + " " + one.kind}>
            <th scope="row">
              <a href={to([one.list], { status: "PENDING", kind: one.kind, queue })}>{one.kind}</a>
            </th>
            <td>{one.list}</td>
            <td class="number">{number(one.pending)}</td>
            <td class={"number" + (one.living === 0 ? " warn" : "")}>{number(one.living)}</td>
            <td>
              <Ago time={one.lastSeenAt} />
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** A length of time that goes on from when the answer with it came. */
function Counting({ from, of }: { from: number; of: unknown }) {
  const now = useNow(1_000);
  const came = useMemo(() => Date.now(), [of]);
  return <>{span(from + Math.max(0, now - came))}</>;
}

const RATES = ["came", "taken", "ended"] as const;
const rate = (perMinute: number) => (perMinute >= 10 || Number.isInteger(perMinute) ? number(Math.round(perMinute)) : perMinute.toFixed(1));

export function QueueList() {
  const queues = useList<Queues>(
    (signal) => getParts("/api/orgs/{slug}/queues", {}, {}, "queues", signal),
    [],
    2_000,
  );
  const workers = useData<Workers>(
    (signal) => getParts("/api/orgs/{slug}/workers", {}, { status: "ONLINE", limit: 500 }, "workers", signal),
    [],
    10_000,
  );
  const kinds = useList<Kinds>((signal) => get("/api/orgs/{slug}/kinds", {}, {}, signal), [], 5_000);
  const { dialog, show, said, close, done } = useDialog<Action>(() => {
    queues.again();
    kinds.again();
  });
  const lately = useRef(new Map<string, Seen>());
  useEffect(() => {
    for (const queue of queues.value?.queues ?? []) {
      const key = queue.queue + " " + queue.workType;
      const before = lately.current.get(key);
      lately.current.set(key, {
        ready: seen(before?.ready, queue.ready),
        age: seen(before?.age, queue.oldestReadyAt ? queue.oldestAgeMs : 0),
      });
    }
  }, [queues.value]);
  const looked = usePlace().query.get("queue");
  const all = queues.value?.queues ?? [];
  return (
    <Page title="Queues"
      beside={
        <>
          {workers.value && <span class="soft">{some(workers.value.workers.length, "worker")} online</span>}
          <Live is={queues.live} />
          {may("CANCEL") && kinds.value && (
            <button type="button" onClick={() => show({ is: "pause-kind" })}>
              Pause a kind…
            </button>
          )}
        </>
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
        <Table
          label="Queues"
          heads={[
            "Queue",
            "Work",
            { title: "Ready", number: true },
            "Oldest waits for",
            "Ready lately",
            "Held back",
            ...(may("CANCEL") ? ["Do"] : []),
          ]}
        >
          {all.map((queue) => {
            const key = queue.queue + " " + queue.workType;
            const list = queue.workType === "TASK" ? "tasks" : "workflows";
            return (
              <tr key={key}>
                <th scope="row">
                  <a href={to(["queues"], { queue: queue.queue })}>{queue.queue}</a>
                  {queue.polled === false && queue.ready > 0 && <div class="warn">not polled for 3 minutes</div>}
                </th>
                <td>
                  <a
                    href={to([list], { q: `queue = ${quoted(queue.queue)} AND ended IS NULL` })}
                    aria-label={`Open ${list} of ${queue.queue}`}
                  >
                    {list}
                  </a>
                </td>
                <td class="number">{number(queue.ready)}</td>
                <td class={queue.oldestAgeMs > 60_000 ? "warn" : ""}>
                  {queue.oldestReadyAt ? <Counting from={queue.oldestAgeMs} of={queues.value} /> : NONE}
                  <div>
                    <Spark sights={lately.current.get(key)?.age} label={`How long the oldest work of ${queue.queue} waits`} shown={span} straight />
                  </div>
                </td>
                <td>
                  <Spark sights={lately.current.get(key)?.ready} label={`Ready work of ${queue.queue}`} shown={number} />
                </td>
                <td class="wide">
                  {queue.limit && (
                    <div>
                      <Limits limit={queue.limit} />
                    </div>
                  )}
                  {(queue.paused || !queue.limit) && <HeldBy held={queue.paused} />}
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
      {looked && <Rates key={looked} queue={looked} />}
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
      {dialog?.is === "pause-kind" && (
        <PauseKindDialog known={kindsOf(workers.value)} held={kinds.value?.kinds ?? []} close={close} done={done} />
      )}
      {dialog?.is === "kind" && <ResumeKindDialog {...dialog} close={close} done={done} />}
    </Page>
  );
}
