// What somebody should look at: it goes on no more by itself, or comes back again and again.
import type { ComponentChildren } from "preact";
import type { DeadLetters as All } from "@schema";
import { ActionDialog, type Closing, RetryTaskDialog, RetryWorkflowDialog } from "./actions";
import { get, may, post } from "./api";
import { BulkDialog } from "./bulk";
import { useList } from "./changes";
import { to, useDialog } from "./hooks";
import { Ago, Lag, Live, Loading, NONE, Page, Problem, Short, Status, Table } from "./parts";
import { number } from "./text";

export function DeadLetters() {
  const found = useList<All>((signal) => get("/api/orgs/{slug}/dead-letters", {}, {}, signal), [], 3_000);
  const { dialog, show, said, close, done } = useDialog<Shown>(found.again);
  const all = found.value;
  return (
    <Page title="Dead letters" beside={<Live is={found.live} />}>
      <p class="soft">What somebody should look at: it goes on no more by itself, or comes back again and again.</p>
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
            about="Each worker before died, fell silent, or reported what was refused. An open one comes back by itself; one that has failed does not."
            none="No workflow was handed out more than once in a row."
            of={all.workflows}
            retry={() => show({ what: "workflow" })}
            act={(act, one) => show({ what: "workflow", act, one })}
            rows={all.workflows.first.map((row) => ({ ...row, tries: row.deliveries }))}
          />
          <Part
            what="task"
            title="Tasks that are out of attempts"
            about={
              "A workflow has heard that its task failed: it goes on from there, or is retried itself." +
              " A task is left out once its workflow has ended well, or goes on in another run."
            }
            none="No task has failed its last attempt."
            of={all.tasks}
            retry={() => show({ what: "task" })}
            act={(act, one) => show({ what: "task", act, one })}
            rows={all.tasks.first.map((row) => ({ ...row, tries: row.executionCount }))}
          />
        </>
      )}
      {dialog && !dialog.one && all && (
        <BulkDialog
          what={dialog.what}
          first={dialog.what === "workflow" ? "RETRY" : "RETRY_TASKS"}
          title={dialog.what === "workflow" ? "For all these workflows" : "For all these tasks"}
          query={dialog.what === "workflow" ? all.workflows.query : all.tasks.query}
          close={close}
          done={done}
        />
      )}
      {dialog?.one && dialog.act === "dismiss" && <DismissDialog what={dialog.what} of={dialog.one} close={close} done={done} />}
      {dialog?.one && dialog.act === "retry" && dialog.what === "task" && <RetryTaskDialog of={dialog.one} close={close} done={done} />}
      {dialog?.one && dialog.act === "retry" && dialog.what === "workflow" && (
        <RetryWorkflowDialog of={{ id: dialog.one.id, historyLength: dialog.one.historyLength ?? 0 }} close={close} done={done} />
      )}
    </Page>
  );
}

/** All of a kind, or one of them. */
interface Shown {
  what: "workflow" | "task";
  act?: Act;
  one?: Row;
}

type Act = "retry" | "dismiss";

const DISMISS = {
  workflow: "/api/orgs/{slug}/workflow-executions/{id}/dismiss",
  task: "/api/orgs/{slug}/task-executions/{id}/dismiss",
} as const;

/** Says that somebody has looked at one as it is shown. */
function DismissDialog({ what, of, ...closing }: Closing & { what: "workflow" | "task"; of: Row }) {
  return (
    <ActionDialog
      {...closing}
      title={`Dismiss this ${what}`}
      about="You have looked at it, and nobody else needs to. Nothing else changes; it is shown again as soon as something more happens to it."
      label={`Dismiss the ${what}`}
      needed
      send={async (asking) => {
        const answer = await post(DISMISS[what], { id: of.id }, { reason: asking.reason ?? "", attempt: of.tries });
        return answer.changed ? "It is dismissed." : "Somebody had dismissed it already.";
      }}
    />
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
  /** Of a workflow. */
  historyLength?: number;
}

function Part({
  what,
  title,
  about,
  none,
  of,
  rows,
  retry,
  act,
}: {
  what: "workflow" | "task";
  title: string;
  about: ComponentChildren;
  none: string;
  of: { query: string; total: number };
  rows: Row[];
  retry: () => void;
  act: (act: Act, one: Row) => void;
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
                Retry or dismiss {of.total === 1 ? "it" : `all ${number(of.total)}`}…
              </button>
            )}
            <a href={to([what + "s"], { q: of.query })}>In the list</a>
          </div>
          <Table
            label={title}
            heads={["Id", "Kind", "Queue", "Status", { title: "Tries", number: true }, "Created", "Error", ...(may("CANCEL") ? ["Action"] : [])]}
          >
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
                {may("CANCEL") && (
                  <td>
                    <div class="buttons row">
                      {row.status === "FAILED" && (
                        <button type="button" onClick={() => act("retry", row)} aria-label={`Retry ${row.id}…`}>
                          Retry…
                        </button>
                      )}
                      <button type="button" onClick={() => act("dismiss", row)} aria-label={`Dismiss ${row.id}…`}>
                        Dismiss…
                      </button>
                    </div>
                  </td>
                )}
              </tr>
            ))}
          </Table>
        </>
      )}
    </section>
  );
}
