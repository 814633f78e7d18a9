// Workers: who registered, and what it can do.
import type { Workers } from "@schema";
import { getParts, may } from "./api";
import { to, useData, useDialog, usePlace } from "./hooks";
import { Ago, Choice, Facts, Loading, NONE, Page, Problem } from "./parts";
import { DrainDialog, UndrainDialog } from "./policy-dialogs";
import { HeldBy } from "./queues";
import { number, quoted, words } from "./text";

export function WorkerList() {
  const { query } = usePlace();
  const status = query.get("status") ?? "ONLINE";
  const workers = useData<Workers>(
    (signal) =>
      getParts("/api/orgs/{slug}/workers", {}, { status: status === "ALL" ? undefined : status, limit: 500 }, "workers", signal),
    [status],
    5_000,
  );
  const { dialog, show, said, close, done } = useDialog<{ is: "drain" | "undrain"; id: string; name: string; seen: number }>(workers.again);
  const all = workers.value?.workers ?? [];
  return (
    <Page title="Workers">
      <Choice label="Which workers" of={["ONLINE", "OFFLINE", "ALL"]} chosen={status} choose={(one) => (location.hash = to(["workers"], { status: one }))} />
      <p class="said" role="status">
        {said}
      </p>
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
                [
                  "Draining",
                  <>
                    <HeldBy held={worker.draining} />
                    {worker.draining && ` · ${number(worker.draining.inHand)} in hand`}
                  </>,
                ],
              ]}
            />
            <Kinds title="Workflows" of={worker.workflowKinds} />
            <Kinds title="Tasks" of={worker.taskKinds} />
            <p>
              In hand: <a href={to(["workflows"], { q: `worker = ${quoted(worker.id)} AND status = RUNNING` })}>workflows</a>,{" "}
              <a href={to(["tasks"], { q: `worker = ${quoted(worker.id)} AND status = RUNNING` })}>tasks</a> · had last:{" "}
              <a href={to(["workflows"], { q: `worker = ${quoted(worker.id)}` })}>workflows</a>,{" "}
              <a href={to(["tasks"], { q: `worker = ${quoted(worker.id)}` })}>tasks</a>
            </p>
            {may("CANCEL") && (
              <div class="buttons">
                <button
                  type="button"
                  onClick={() => show({ is: worker.draining ? "undrain" : "drain", id: worker.id, name: worker.name, seen: worker.policyVersion })}
                >
                  {worker.draining ? "Give it work again…" : "Drain…"}
                </button>
              </div>
            )}
          </article>
        ))}
      </div>
      {dialog?.is === "drain" && <DrainDialog {...dialog} close={close} done={done} />}
      {dialog?.is === "undrain" && <UndrainDialog {...dialog} close={close} done={done} />}
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
