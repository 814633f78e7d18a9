// Workers: who registered, and what it can do.
import type { Workers } from "@schema";
import { getParts } from "./api";
import { to, useData, usePlace } from "./hooks";
import { Ago, Choice, Facts, Loading, NONE, Page, Problem } from "./parts";
import { quoted, words } from "./text";

export function WorkerList() {
  const { query } = usePlace();
  const status = query.get("status") ?? "ONLINE";
  const workers = useData<Workers>(
    (signal) =>
      getParts("/api/orgs/{slug}/workers", {}, { status: status === "ALL" ? undefined : status, limit: 500 }, "workers", signal),
    [status],
    5_000,
  );
  const all = workers.value?.workers ?? [];
  return (
    <Page title="Workers">
      <Choice label="Which workers" of={["ONLINE", "OFFLINE", "ALL"]} chosen={status} choose={(one) => (location.hash = to(["workers"], { status: one }))} />
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
            <Facts
              rows={[
                ["Last seen", <Ago time={worker.lastSeenAt} />],
                ["Version", worker.version || NONE],
                [
                  "Host",
                  <>
                    {worker.hostName || "–"} {worker.processId && <span class="soft">process {worker.processId}</span>}
                  </>,
                ],
                ["Registered", <Ago time={worker.registeredAt} />],
                ["Id", <code>{worker.id}</code>],
              ]}
            />
            <Kinds title="Workflows" of={worker.workflowKinds} />
            <Kinds title="Tasks" of={worker.taskKinds} />
            <p>
              <a href={to(["workflows"], { q: `worker = ${quoted(worker.id)}` })}>workflows that it had last</a> ·{" "}
              <a href={to(["tasks"], { q: `worker = ${quoted(worker.id)}` })}>tasks</a>
            </p>
          </article>
        ))}
      </div>
    </Page>
  );
}

function Kinds({ title, of }: { title: string; of: string[] }) {
  if (of.length === 0) return null;
  return (
    <p>
      <b>{title}</b>{" "}
      {of.map((kind) => (
        <span class="tag" key={kind}>
          {kind}
        </span>
      ))}
    </p>
  );
}
