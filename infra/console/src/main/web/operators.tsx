// What operators look at: queues, workers, the audit trail, and how the server is.
import { useEffect, useRef, useState } from "preact/hooks";
import type { AuditTrail, Queues, ReadModel, System, TransparencyLogs, Workers } from "@schema";
import { ApiError, get, may } from "./api";
import { to, useData, usePlace } from "./hooks";
import { Ago, Lag, Loading, Moment, Problem, Short, Spark } from "./parts";
import { number, quoted, some, span, words } from "./text";

const KEPT = 120;

export function QueueList() {
  const queues = useData<Queues>((signal) => get("/api/orgs/{slug}/queues", {}, {}, signal), [], 2_000);
  const workers = useData<Workers>(
    (signal) => get("/api/orgs/{slug}/workers", {}, { status: "ONLINE", limit: 500 }, signal),
    [],
    10_000,
  );
  const depths = useRef(new Map<string, number[]>());
  useEffect(() => {
    for (const queue of queues.value?.queues ?? []) {
      const key = queue.queue + " " + queue.workType;
      depths.current.set(key, [...(depths.current.get(key) ?? []), queue.ready].slice(-KEPT));
    }
  }, [queues.value]);
  const all = queues.value?.queues ?? [];
  return (
    <section class="page" aria-labelledby="title">
      <header>
        <h1 id="title">Queues</h1>
        {workers.value && <span class="soft">{some(workers.value.workers.length, "worker")} online</span>}
      </header>
      <Problem error={queues.error} again={queues.again} />
      {!queues.value && !queues.error && <Loading />}
      {queues.value && all.length === 0 && (
        <div class="empty">
          <p>Nothing waits in any queue.</p>
          <p class="soft">A queue stands here while work of it waits for a worker.</p>
        </div>
      )}
      {all.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Queues">
          <table>
            <thead>
              <tr>
                <th scope="col">Queue</th>
                <th scope="col">Work</th>
                <th scope="col" class="number">
                  Ready
                </th>
                <th scope="col">Oldest waits for</th>
                <th scope="col">Ready since this page was opened</th>
                <th scope="col">Look</th>
              </tr>
            </thead>
            <tbody>
              {all.map((queue) => {
                const key = queue.queue + " " + queue.workType;
                const list = queue.workType === "TASK" ? "tasks" : "workflows";
                return (
                  <tr key={key}>
                    <th scope="row">{queue.queue}</th>
                    <td>{words(queue.workType)}s</td>
                    <td class="number">{number(queue.ready)}</td>
                    <td class={queue.oldestAgeMs > 60_000 ? "warn" : ""}>
                      {queue.oldestReadyAt ? span(queue.oldestAgeMs) : <span class="none">–</span>}
                    </td>
                    <td>
                      <Spark values={depths.current.get(key) ?? []} label={`Ready work of ${queue.queue} in the last minutes`} />
                    </td>
                    <td>
                      <a href={to([list], { q: `queue = ${quoted(queue.queue)} AND ended IS NULL` })}>open {list}</a>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

export function WorkerList() {
  const { query } = usePlace();
  const status = query.get("status") ?? "ONLINE";
  const workers = useData<Workers>(
    (signal) =>
      get("/api/orgs/{slug}/workers", {}, { status: status === "ALL" ? undefined : status, limit: 500 }, signal),
    [status],
    5_000,
  );
  const all = workers.value?.workers ?? [];
  return (
    <section class="page" aria-labelledby="title">
      <header>
        <h1 id="title">Workers</h1>
      </header>
      <div class="chips" role="group" aria-label="Which workers">
        {["ONLINE", "OFFLINE", "ALL"].map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={status === each}
            onClick={() => (location.hash = to(["workers"], { status: each === "ONLINE" ? undefined : each }))}
          >
            {words(each)}
          </button>
        ))}
      </div>
      <Problem error={workers.error} again={workers.again} />
      {!workers.value && !workers.error && <Loading />}
      {workers.value && all.length === 0 && (
        <div class="empty">
          <p>No worker is like that.</p>
          <p class="soft">A worker stands here once it has registered. Work waits until one lives that knows its kind.</p>
        </div>
      )}
      <div class="cards">
        {all.map((worker) => (
          <article key={worker.id} class="card">
            <h2>
              {worker.name} <span class={"dot " + worker.status.toLowerCase()}>{words(worker.status)}</span>
            </h2>
            <dl class="facts">
              <div>
                <dt>Last seen</dt>
                <dd>
                  <Ago time={worker.lastSeenAt} />
                </dd>
              </div>
              <div>
                <dt>Version</dt>
                <dd>{worker.version || <span class="none">–</span>}</dd>
              </div>
              <div>
                <dt>Host</dt>
                <dd>
                  {worker.hostName || "–"} {worker.processId && <span class="soft">process {worker.processId}</span>}
                </dd>
              </div>
              <div>
                <dt>Registered</dt>
                <dd>
                  <Ago time={worker.registeredAt} />
                </dd>
              </div>
              <div>
                <dt>Id</dt>
                <dd>
                  <code>{worker.id}</code>
                </dd>
              </div>
            </dl>
            {worker.workflowKinds.length > 0 && (
              <p>
                <b>Workflows</b> {worker.workflowKinds.map((kind) => <span class="tag" key={kind}>{kind}</span>)}
              </p>
            )}
            {worker.taskKinds.length > 0 && (
              <p>
                <b>Tasks</b> {worker.taskKinds.map((kind) => <span class="tag" key={kind}>{kind}</span>)}
              </p>
            )}
            <p>
              <a href={to(["workflows"], { q: `worker = ${quoted(worker.id)}` })}>workflows that it had last</a> ·{" "}
              <a href={to(["tasks"], { q: `worker = ${quoted(worker.id)}` })}>tasks</a>
            </p>
          </article>
        ))}
      </div>
    </section>
  );
}

const FILTERS = ["principal", "command", "outcome", "queue", "execution"] as const;

export function Audit() {
  const { query } = usePlace();
  const asked = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? undefined]));
  const key = JSON.stringify(asked);
  const [more, setMore] = useState<AuditTrail>();
  const [error, setError] = useState<ApiError>();
  const first = useData<AuditTrail>(
    (signal) => get("/api/orgs/{slug}/audit", {}, { ...asked, limit: 100 }, signal),
    [key],
    more ? -1 : 5_000,
  );
  const logs = useData<TransparencyLogs>((signal) => get("/tlog", {}, {}, signal), [], 15_000);
  useEffect(() => setMore(undefined), [key]);
  if (!may("AUDIT")) return <Forbidden what="the audit trail" />;
  const entries = [...(first.value?.entries ?? []), ...(more?.entries ?? [])];
  const next = more ? more.nextCursor : first.value?.nextCursor;
  const load = async () => {
    if (!next) return;
    try {
      const part = await get("/api/orgs/{slug}/audit", {}, { ...asked, limit: 100, cursor: next });
      setMore((old) => ({ entries: [...(old?.entries ?? []), ...part.entries], nextCursor: part.nextCursor }));
      setError(undefined);
    } catch (e) {
      setError(e instanceof ApiError ? e : new ApiError(0, "UNKNOWN", String(e)));
    }
  };
  const signed = logs.value?.logs.reduce((sum, log) => sum + log.signedSize, 0) ?? 0;
  const size = logs.value?.logs.reduce((sum, log) => sum + log.size, 0) ?? 0;
  const faults = logs.value?.logs.filter((log) => log.fault) ?? [];
  return (
    <section class="page" aria-labelledby="title">
      <header>
        <h1 id="title">Audit trail</h1>
        {logs.value && (
          <span class="soft">
            {number(signed)} of {number(size)} outcomes stand under signed checkpoints
          </span>
        )}
      </header>
      {faults.map((log) => (
        <p key={log.partition} class="problem" role="alert">
          Partition {log.partition}: {log.fault}
        </p>
      ))}
      <form
        class="filters"
        key={key}
        onSubmit={(e) => {
          e.preventDefault();
          const data = new FormData(e.currentTarget);
          location.hash = to(
            ["audit"],
            Object.fromEntries(FILTERS.map((name) => [name, String(data.get(name) ?? "").trim()])),
          );
        }}
      >
        {FILTERS.map((name) => (
          <label key={name}>
            {words(name)}
            <input type="text" name={name} defaultValue={asked[name] ?? ""} spellcheck={false} />
          </label>
        ))}
        <button type="submit" class="main">
          Find
        </button>
      </form>
      <Lag />
      <Problem error={first.error ?? error} again={first.error ? first.again : () => void load()} />
      {!first.value && !first.error && <Loading />}
      {first.value && entries.length === 0 && (
        <div class="empty">
          <p>No entry is like that.</p>
        </div>
      )}
      {entries.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Entries of the audit trail">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">Asked for</th>
                <th scope="col">Outcome</th>
                <th scope="col">Execution</th>
                <th scope="col">From</th>
                <th scope="col">Reason or refusal</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td>
                    <Ago time={entry.decidedAt} />
                  </td>
                  <td>
                    {entry.principal.id} <span class="soft">{entry.principal.role ?? entry.principal.type}</span>
                  </td>
                  <td class="wide">
                    {entry.command}
                    {entry.request && <span class="soft"> {entry.request}</span>}
                  </td>
                  <td class={entry.outcome === "DONE" ? "" : "bad"}>{entry.outcome}</td>
                  <td>
                    {entry.executionId ? (
                      <Short id={entry.executionId} href={to(["workflows", entry.executionId])} />
                    ) : (
                      <span class="none">–</span>
                    )}
                  </td>
                  <td>
                    {entry.origin.client ?? entry.origin.peer?.replace(/:\d+$/, "") ?? (
                      <span class="soft">{entry.origin.node}</span>
                    )}
                  </td>
                  <td class="wide">{entry.refusal ?? entry.reason ?? <span class="none">–</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {next && (
        <button type="button" onClick={() => void load()}>
          Show more
        </button>
      )}
    </section>
  );
}

function Forbidden({ what }: { what: string }) {
  return (
    <section class="page">
      <h1 id="title">Not for this key</h1>
      <p>The role of this key may not look at {what}.</p>
    </section>
  );
}

export function SystemPage() {
  const system = useData<System>((signal) => get("/api/orgs/{slug}/system", {}, {}, signal), [], 3_000);
  const lag = useData<ReadModel>((signal) => get("/api/orgs/{slug}/read-model", {}, {}, signal), [], 3_000);
  const logs = useData<TransparencyLogs>((signal) => get("/tlog", {}, {}, signal), [], 15_000);
  const lost = system.value?.partitions.filter((partition) => partition.stage !== "OWNING") ?? [];
  return (
    <section class="page" aria-labelledby="title">
      <header>
        <h1 id="title">System</h1>
        {system.value && (
          <span class="soft">
            version {system.value.version}, answered by {system.value.node}
          </span>
        )}
      </header>
      <Problem error={system.error} again={system.again} />
      {!system.value && !system.error && <Loading />}
      <div class="tiles">
        <div class={"tile " + (lost.length > 0 ? "bad" : "good")}>
          <b>{system.value ? `${system.value.partitions.length - lost.length} of ${system.value.partitions.length}` : "–"}</b>
          <span>partitions are served</span>
        </div>
        <div class="tile">
          <b>{system.value ? number(system.value.nodes.length) : "–"}</b>
          <span>{system.value?.nodes.length === 1 ? "node serves them" : "nodes serve them"}</span>
        </div>
        <div class={"tile " + (lag.value && lag.value.lagMillis > 10_000 ? "bad" : "")}>
          <b>{lag.value ? (lag.value.lagRecords === 0 ? "none" : span(lag.value.lagMillis)) : "–"}</b>
          <span>lag of the read model{lag.value && lag.value.lagRecords > 0 ? `, ${number(lag.value.lagRecords)} records` : ""}</span>
        </div>
        <div class={"tile " + (lag.value && lag.value.breaks + lag.value.passedOver > 0 ? "bad" : "")}>
          <b>{lag.value ? number(lag.value.breaks + lag.value.passedOver) : "–"}</b>
          <span>outcomes that were not taken in</span>
        </div>
      </div>
      <Problem error={lag.error} again={lag.again} />
      {system.value && (
        <>
          <h2>Nodes</h2>
          <div class="scroll" tabIndex={0} role="region" aria-label="Nodes">
            <table>
              <thead>
                <tr>
                  <th scope="col">Node</th>
                  <th scope="col">Address for reads</th>
                  <th scope="col" class="number">
                    Partitions
                  </th>
                  <th scope="col">Knows rules up to</th>
                  <th scope="col">Told so</th>
                </tr>
              </thead>
              <tbody>
                {system.value.nodes.map((node) => (
                  <tr key={node.node}>
                    <th scope="row">{node.node}</th>
                    <td>{node.address}</td>
                    <td class="number">{node.partitions}</td>
                    <td>{node.knownRules || <span class="none">–</span>}</td>
                    <td>
                      <Moment time={node.since} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <h2>Partitions</h2>
          <div class="scroll" tabIndex={0} role="region" aria-label="Partitions">
            <table>
              <thead>
                <tr>
                  <th scope="col">Partition</th>
                  <th scope="col">Node</th>
                  <th scope="col">State</th>
                  <th scope="col" class="number">
                    Outcomes
                  </th>
                  <th scope="col" class="number">
                    Signed
                  </th>
                  <th scope="col">Witnesses</th>
                </tr>
              </thead>
              <tbody>
                {system.value.partitions.map((partition) => {
                  const log = logs.value?.logs.find((each) => each.partition === partition.partition);
                  return (
                    <tr key={partition.partition}>
                      <th scope="row">{partition.partition}</th>
                      <td>{partition.node ?? <span class="none">none</span>}</td>
                      <td class={partition.stage === "OWNING" ? "" : "bad"}>{words(partition.stage)}</td>
                      <td class="number">{log ? number(log.size) : "–"}</td>
                      <td class="number">{log ? number(log.signedSize) : "–"}</td>
                      <td>{log ? log.cosignatures : "–"}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
