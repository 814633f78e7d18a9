// Queues: work that waits for a worker.
import { useEffect, useRef } from "preact/hooks";
import type { Queues, Workers } from "@schema";
import { getParts } from "./api";
import { to, useData } from "./hooks";
import { Loading, NONE, Page, Problem, Spark, Table } from "./parts";
import { number, quoted, some, span, words } from "./text";

const KEPT = 120;

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
      <Problem error={queues.error} again={queues.again} />
      {!queues.value && !queues.error && <Loading />}
      {queues.value && all.length === 0 && (
        <div class="empty">
          <p>Nothing waits in any queue.</p>
          <p class="soft">A queue stands here while work of it waits for a worker.</p>
        </div>
      )}
      {all.length > 0 && (
        <Table label="Queues" heads={["Queue", "Work", { title: "Ready", number: true }, "Oldest waits for", "Ready since this page was opened", "Look"]}>
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
                <td>
                  <a href={to([list], { q: `queue = ${quoted(queue.queue)} AND ended IS NULL` })}>open {list}</a>
                </td>
              </tr>
            );
          })}
        </Table>
      )}
    </Page>
  );
}
