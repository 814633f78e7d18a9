// What goes on no more by itself, and waits for somebody.
import type { ComponentChildren } from "preact";
import type { DeadLetters as All } from "@schema";
import { get, may } from "./api";
import { BulkDialog } from "./bulk";
import { to, useData, useDialog } from "./hooks";
import { Ago, Lag, Loading, NONE, Page, Problem, Short, Status, Table } from "./parts";
import { number } from "./text";

export function DeadLetters() {
  const found = useData<All>((signal) => get("/api/orgs/{slug}/dead-letters", {}, {}, signal), [], 3_000);
  const { dialog, show, said, close, done } = useDialog<"workflow" | "task">(found.again);
  const all = found.value;
  return (
    <Page title="Dead letters">
      <p class="soft">What goes on no more by itself, and waits for somebody.</p>
      <Lag />
      <p class="said" role="status">
        {said}
      </p>
      <Problem error={found.error} again={found.again} />
      {!all && !found.error && <Loading />}
      {all && (
        <>
          <Part
            what="workflow"
            title="Workflows that are handed out again and again"
            about="Each worker before died, fell silent, or reported what was refused."
            none="There are none."
            of={all.workflows}
            retry={() => show("workflow")}
            rows={all.workflows.first.map((row) => ({ ...row, tries: row.deliveries }))}
          />
          <Part
            what="task"
            title="Tasks that are out of attempts"
            about="A workflow has heard that its task failed: it goes on from there, or is retried itself."
            none="There are none."
            of={all.tasks}
            retry={() => show("task")}
            rows={all.tasks.first.map((row) => ({ ...row, tries: row.executionCount }))}
          />
        </>
      )}
      {dialog && all && (
        <BulkDialog
          what={dialog}
          first={dialog === "workflow" ? "RETRY" : "RETRY_TASKS"}
          title={dialog === "workflow" ? "For all these workflows" : "For all these tasks"}
          query={dialog === "workflow" ? all.workflows.query : all.tasks.query}
          close={close}
          done={done}
        />
      )}
    </Page>
  );
}

interface Row {
  id: string;
  kind: string;
  queue: string;
  status: All["tasks"]["first"][number]["status"];
  tries: number;
  createdAt: string | null;
  error: string | null;
}

function Part({
  what,
  title,
  about,
  none,
  of,
  rows,
  retry,
}: {
  what: "workflow" | "task";
  title: string;
  about: ComponentChildren;
  none: string;
  of: { query: string; total: number };
  rows: Row[];
  retry: () => void;
}) {
  return (
    <section aria-label={title}>
      <h2>
        {title} <span class="soft">{number(of.total)}</span>
      </h2>
      <p class="soft">{about}</p>
      {rows.length === 0 ? (
        <p class="none">{none}</p>
      ) : (
        <>
          <div class="buttons">
            {may("CANCEL") && (
              <button type="button" onClick={retry}>
                For all {number(of.total)}…
              </button>
            )}
            <a href={to([what + "s"], { q: of.query })}>In the list</a>
          </div>
          <Table label={title} heads={["Id", "Kind", "Queue", "Status", { title: "Tries", number: true }, "Created", "Error"]}>
            {rows.map((row) => (
              <tr key={row.id}>
                <td>
                  <Short id={row.id} href={to([what + "s", row.id])} />
                </td>
                <td>{row.kind}</td>
                <td>{row.queue}</td>
                <td>
                  <Status of={row.status} />
                </td>
                <td class="number">{number(row.tries)}</td>
                <td>
                  <Ago time={row.createdAt} />
                </td>
                <td class="wide">{row.error ?? NONE}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </section>
  );
}
