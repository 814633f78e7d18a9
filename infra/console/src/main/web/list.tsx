// Lists of workflows and of tasks: a query, counts by status, and rows of which only those in sight are drawn.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Counts, Status as StatusName, TaskExecutionRow, WorkflowExecutionRow } from "@schema";
import { get, may } from "./api";
import { type ApiError, errorOf } from "./api-error";
import { BulkDialog, queryOf } from "./bulk";
import { to, useData, useDialog, usePlace, useRemembered } from "./hooks";
import { Ago, Lag, Loading, NONE, Page, Problem, Short, Status, Took, WorkflowStatus } from "./parts";
import { QueryBar } from "./query-bar";
import { SavedQueries } from "./saved-queries";
import { number } from "./text";

const STATUSES: StatusName[] = ["PENDING", "RUNNING", "WAITING", "COMPLETED", "FAILED", "CANCELLED", "CONTINUED_AS_NEW"];
const PAGE = 100;
const ROW = 36;
/** A query has no more conditions. */
const MOST_SELECTED = 50;

interface Column<R> {
  id: string;
  title: string;
  usual: boolean;
  width: string;
  cell: (row: R) => ComponentChildren;
}

function metadata(entries: { [name: string]: string }): ComponentChildren {
  const all = Object.entries(entries);
  return all.length === 0 ? NONE : all.map(([name, value]) => `${name}=${value}`).join(", ");
}

const dash = (text: string | null) => text || NONE;

const WORKFLOW_COLUMNS: Column<WorkflowExecutionRow>[] = [
  { id: "status", title: "Status", usual: true, width: "7.6rem", cell: (row) => <WorkflowStatus of={row} brief /> },
  { id: "kind", title: "Kind", usual: true, width: "minmax(8rem,1.6fr)", cell: (row) => row.kind },
  { id: "id", title: "Id", usual: true, width: "8.8rem", cell: (row) => <Short id={row.id} href={to(["workflows", row.id])} /> },
  { id: "queue", title: "Queue", usual: true, width: "minmax(5rem,1fr)", cell: (row) => row.queue },
  { id: "created", title: "Created", usual: true, width: "6.4rem", cell: (row) => <Ago time={row.createdAt} /> },
  { id: "took", title: "Took", usual: true, width: "5rem", cell: (row) => <Took from={row.createdAt} to={row.closedAt} /> },
  { id: "started", title: "Started", usual: false, width: "6.4rem", cell: (row) => <Ago time={row.startedAt} /> },
  { id: "ended", title: "Ended", usual: false, width: "6.4rem", cell: (row) => <Ago time={row.closedAt} /> },
  { id: "worker", title: "Worker", usual: false, width: "minmax(8rem,1fr)", cell: (row) => dash(row.workerId) },
  { id: "history", title: "History", usual: true, width: "4rem", cell: (row) => number(row.historyLength) },
  { id: "attempt", title: "Attempt", usual: false, width: "5rem", cell: (row) => row.deliveries || NONE },
  { id: "version", title: "Version", usual: false, width: "5rem", cell: (row) => dash(row.workflowVersion) },
  {
    id: "parent",
    title: "Parent",
    usual: false,
    width: "8.8rem",
    cell: (row) =>
      row.parentExecutionId ? (
        <Short id={row.parentExecutionId} href={to(["workflows", row.parentExecutionId])} />
      ) : (
        NONE
      ),
  },
  {
    id: "reset",
    title: "Goes on as",
    usual: false,
    width: "8.8rem",
    cell: (row) => (row.resetTo ? <Short id={row.resetTo} href={to(["workflows", row.resetTo])} /> : NONE),
  },
  { id: "terminated", title: "Terminated by", usual: false, width: "minmax(6rem,1fr)", cell: (row) => dash(row.terminatedBy) },
  { id: "metadata", title: "Metadata", usual: false, width: "minmax(8rem,1fr)", cell: (row) => metadata(row.metadata) },
  { id: "error", title: "Error", usual: true, width: "minmax(7rem,2fr)", cell: (row) => dash(row.error) },
];

const TASK_COLUMNS: Column<TaskExecutionRow>[] = [
  { id: "status", title: "Status", usual: true, width: "7.6rem", cell: (row) => <Status of={row.status} /> },
  { id: "kind", title: "Kind", usual: true, width: "minmax(5.2rem,1.6fr)", cell: (row) => row.kind },
  { id: "id", title: "Id", usual: true, width: "8.8rem", cell: (row) => <Short id={row.id} href={to(["tasks", row.id])} /> },
  { id: "queue", title: "Queue", usual: true, width: "minmax(5rem,1fr)", cell: (row) => row.queue },
  {
    id: "workflow",
    title: "Workflow",
    usual: true,
    width: "8.8rem",
    cell: (row) =>
      row.workflowExecutionId ? (
        <Short id={row.workflowExecutionId} href={to(["workflows", row.workflowExecutionId])} />
      ) : (
        NONE
      ),
  },
  {
    id: "attempt",
    title: "Attempt",
    usual: true,
    width: "4rem",
    cell: (row) => `${row.executionCount} of ${row.maxRetries + 1}`,
  },
  { id: "created", title: "Created", usual: true, width: "6.4rem", cell: (row) => <Ago time={row.createdAt} /> },
  {
    id: "took",
    title: "Took",
    usual: true,
    width: "5rem",
    cell: (row) => (row.startedAt ? <Took from={row.startedAt} to={row.completedAt} /> : NONE),
  },
  { id: "worker", title: "Worker", usual: false, width: "minmax(8rem,1fr)", cell: (row) => dash(row.workerId) },
  { id: "error", title: "Error", usual: true, width: "minmax(4rem,2fr)", cell: (row) => dash(row.error) },
];

export function WorkflowList() {
  return (
    <List<WorkflowExecutionRow>
      what="workflow"
      title="Workflows"
      columns={WORKFLOW_COLUMNS}
      page={async (query, signal) => {
        const answer = await get("/api/orgs/{slug}/workflow-executions", {}, query, signal);
        return { rows: answer.workflowExecutions, next: answer.nextCursor };
      }}
    />
  );
}

export function TaskList() {
  return (
    <List<TaskExecutionRow>
      what="task"
      title="Tasks"
      columns={TASK_COLUMNS}
      page={async (query, signal) => {
        const answer = await get("/api/orgs/{slug}/task-executions", {}, query, signal);
        return { rows: answer.taskExecutions, next: answer.nextCursor };
      }}
    />
  );
}

type PageQuery = Record<string, string | number | undefined>;

interface Part<R> {
  rows: R[];
  next: string | null;
}

function List<R extends { id: string; status: StatusName }>({
  what,
  title,
  columns,
  page,
}: {
  what: "workflow" | "task";
  title: string;
  columns: Column<R>[];
  page: (query: PageQuery, signal?: AbortSignal) => Promise<Part<R>>;
}) {
  const { query } = usePlace();
  const q = query.get("q") ?? "";
  const status = query.get("status") ?? "";
  const [hidden, hide] = useRemembered<string[]>(
    what + ".hidden",
    columns.filter((column) => !column.usual).map((column) => column.id),
  );
  const shown = useMemo(() => columns.filter((column) => !hidden.includes(column.id)), [hidden]);
  const [more, setMore] = useState<Part<R>>();
  const [moreError, setMoreError] = useState<ApiError>();
  const [faulty, setFaulty] = useState(false);
  const [away, setAway] = useState(false);
  // Counts how often the list began anew; what was asked for before that is no part of it.
  const begun = useRef(0);
  const asking = useRef(-1);
  const [selected, select] = useState<ReadonlySet<string>>(new Set());

  // The first part comes again and again, as long as nobody has scrolled away from it.
  const asked = JSON.stringify([q, status]);
  const first = useData<Part<R> & { asked: string }>(
    async (signal) => ({ ...(await page({ q, status, limit: PAGE }, signal)), asked }),
    [what, q, status],
    away ? -1 : 2_000,
  );
  const counts = useData<Counts>(
    (signal) => get(`/api/orgs/{slug}/${what}-executions/counts`, {}, { q }, signal),
    [what, q],
    3_000,
  );
  const { dialog, show, said, close, done } = useDialog<"selected" | "all">(() => {
    select(new Set());
    first.again();
  });

  useEffect(() => {
    begun.current++;
    select(new Set());
    setMore(undefined);
    setMoreError(undefined);
    setAway(false);
  }, [what, q, status]);

  const go = (next: { q?: string; status?: string }) => {
    location.hash = to([what + "s"], { q: next.q ?? q, status: next.status ?? status });
    if (next.q === q && (next.status ?? status) === status) first.again();
  };

  // Rows of another query are never shown: they would look like what was found.
  const part = first.value?.asked === asked ? first.value : undefined;
  const rows = useMemo(() => {
    if (!part) return [];
    if (!more) return part.rows;
    const seen = new Set(part.rows.map((row) => row.id));
    return [...part.rows, ...more.rows.filter((row) => !seen.has(row.id))];
  }, [part, more]);
  const next = more ? more.next : (part?.next ?? null);

  const loadMore = useCallback(async () => {
    const mine = begun.current;
    if (!next || asking.current === mine) return;
    asking.current = mine;
    try {
      const part = await page({ q, status, limit: PAGE, cursor: next });
      if (begun.current !== mine) return;
      setMore((old) => ({ rows: [...(old?.rows ?? []), ...part.rows], next: part.next }));
      setMoreError(undefined);
    } catch (e) {
      if (begun.current === mine) setMoreError(errorOf(e));
    } finally {
      if (asking.current === mine) asking.current = -1;
    }
  }, [next, q, status]);

  // Back at the top it begins anew: between an older first part and a newer one some would be missing.
  const scrolled = useCallback((is: boolean) => {
    setAway(is);
    if (is) return;
    begun.current++;
    setMore(undefined);
  }, []);

  const total = counts.value?.total;
  const matching = status === "" ? total : counts.value?.groups.find((group) => group.value === status)?.count;
  const error = first.error && first.error.position === undefined ? first.error : undefined;
  const refused = first.error?.position !== undefined;
  const wrong = refused || faulty;
  return (
    <Page
      title={title}
      kind="list"
      beside={
        <>
          {total !== undefined && !wrong && <span class="soft">{number(total)} in all</span>}
        <details class="columns">
          <summary>Columns</summary>
          <fieldset>
            <legend class="hidden">Columns that are shown</legend>
            {columns.map((column) => (
              <label key={column.id}>
                <input
                  type="checkbox"
                  checked={!hidden.includes(column.id)}
                  disabled={column.id === "id"}
                  onChange={() =>
                    hide(
                      hidden.includes(column.id)
                        ? hidden.filter((id) => id !== column.id)
                        : [...hidden, column.id],
                    )
                  }
                />
                {column.title}
              </label>
            ))}
          </fieldset>
        </details>
        </>
      }
    >
      <QueryBar what={what} text={q} submit={(text) => go({ q: text })} refused={refused ? first.error : undefined} faulty={setFaulty} />
      <SavedQueries what={what} q={q} go={(query) => go({ q: query })} />
      <div class="chips" role="group" aria-label="Only those of a status">
        <button type="button" aria-pressed={status === ""} onClick={() => go({ status: "" })}>
          All <span class="count">{total === undefined || wrong ? "–" : number(total)}</span>
        </button>
        {STATUSES.map((name) => {
          const count = counts.value?.groups.find((group) => group.value === name)?.count ?? 0;
          return (
            <button
              key={name}
              type="button"
              aria-pressed={status === name}
              onClick={() => go({ status: status === name ? "" : name })}
            >
              <Status of={name} />
              <span class="count">{counts.value && !wrong ? number(count) : "–"}</span>
            </button>
          );
        })}
      </div>
      {may("CANCEL") && !wrong && part && rows.length > 0 && (
        <div class="bulkbar" role="group" aria-label="For many at once">
          {selected.size > 0 && (
            <>
              <button type="button" class="main" onClick={() => show("selected")}>
                For the {number(selected.size)} selected…
              </button>
              <button type="button" class="plain" onClick={() => select(new Set())}>
                Select none
              </button>
            </>
          )}
          <button type="button" onClick={() => show("all")}>
            For all {matching === undefined ? "" : number(matching) + " "}that match…
          </button>
        </div>
      )}
      <p class="said" role="status">
        {said}
      </p>
      <Lag />
      <Problem error={error ?? moreError} again={error ? first.again : () => void loadMore()} />
      {wrong ? null : !part ? (
        !error && (
<Loading />)
      ) : rows.length === 0 ? (
        <Empty what={what} narrowed={q !== "" || status !== ""} />
      ) : (
        <Rows rows={rows} columns={shown} what={what} more={next ? loadMore : undefined} away={scrolled} total={total} selected={selected} select={may("CANCEL") ? select : undefined} />
      )}
      {dialog && (
        <BulkDialog
          what={what}
          title={dialog === "selected" ? `For the ${number(selected.size)} selected` : "For all that match"}
          query={dialog === "selected" ? `id IN (${[...selected].join(", ")})` : queryOf(q, status)}
          close={close}
          done={done}
        />
      )}
    </Page>
  );
}

function Empty({ what, narrowed }: { what: "workflow" | "task"; narrowed: boolean }) {
  return (
    <div class="empty">
      {narrowed ? (
        <p>No {what} is like that.</p>
      ) : (
        <>
          <p>There are no {what}s yet.</p>
          <pre>
            {what === "workflow"
              ? `./millrace workflow start order -i '{"order":"A-17","items":3}'`
              : `./millrace task submit reserve -i '{"items":2}'`}
          </pre>
          <p class="soft">starts one. A worker that knows its kind has to run.</p>
        </>
      )}
    </div>
  );
}

function Rows<R extends { id: string; status: StatusName }>({
  rows,
  columns,
  what,
  more,
  away,
  total,
  selected,
  select,
}: {
  rows: R[];
  columns: Column<R>[];
  what: "workflow" | "task";
  more: (() => Promise<void>) | undefined;
  away: (is: boolean) => void;
  total: number | undefined;
  selected: ReadonlySet<string>;
  /** Missing: nothing can be done to them. */
  select: ((ids: ReadonlySet<string>) => void) | undefined;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const at = box.current;
    if (!at) return;
    const watch = new ResizeObserver(() => setHeight(at.clientHeight));
    watch.observe(at);
    return () => watch.disconnect();
  }, []);
  const from = Math.max(0, Math.floor(top / ROW) - 10);
  const end = Math.min(rows.length, Math.ceil((top + height) / ROW) + 10);
  useEffect(() => {
    if (more && end > rows.length - 20) void more();
  }, [end, rows.length, more]);
  const widths = (select ? "1.6rem " : "") + columns.map((column) => column.width).join(" ");
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    select?.(next);
  };
  const move = (e: KeyboardEvent, index: number) => {
    const step = e.key === "ArrowDown" || e.key === "j" ? 1 : e.key === "ArrowUp" || e.key === "k" ? -1 : 0;
    if (step === 0) return;
    e.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, index + step));
    const at = box.current;
    if (at && next * ROW < at.scrollTop) at.scrollTop = next * ROW;
    if (at && (next + 2) * ROW > at.scrollTop + at.clientHeight) at.scrollTop = (next + 2) * ROW - at.clientHeight;
    requestAnimationFrame(() => document.getElementById("row-" + rows[next]?.id)?.focus());
  };
  return (
    <div
      class="rows"
      ref={box}
      role="table"
      aria-label={what + "s"}
      aria-rowcount={total === undefined ? -1 : total + 1}
      onScroll={(e) => {
        setTop(e.currentTarget.scrollTop);
        away(e.currentTarget.scrollTop > ROW);
      }}
    >
      <div role="rowgroup" class="head">
        <div role="row" class="row" aria-rowindex={1} style={{ gridTemplateColumns: widths }}>
          {select && (
            <span role="columnheader">
              <span class="hidden">Selected</span>
            </span>
          )}
          {columns.map((column) => (
            <span key={column.id} role="columnheader">
              {column.title}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="body" style={{ height: rows.length * ROW + "px" }}>
        {rows.slice(from, end).map((row, i) => (
          <div
            key={row.id}
            id={"row-" + row.id}
            role="row"
            class="row"
            tabIndex={0}
            aria-rowindex={from + i + 2}
            style={{ gridTemplateColumns: widths, transform: `translateY(${(from + i) * ROW}px)` }}
            onClick={(e) => {
              if (!(e.target as HTMLElement).closest("a, .pick") && !getSelection()?.toString()) {
                location.hash = to([what + "s", row.id]);
              }
            }}
            onKeyDown={(e) => {
              if (e.key === "Enter" && e.target === e.currentTarget) location.hash = to([what + "s", row.id]);
              move(e, from + i);
            }}
          >
            {select && (
              <span role="cell" class="pick">
                <input
                  type="checkbox"
                  aria-label={"Select " + row.id}
                  checked={selected.has(row.id)}
                  disabled={!selected.has(row.id) && selected.size >= MOST_SELECTED}
                  onChange={() => toggle(row.id)}
                />
              </span>
            )}
            {columns.map((column) => (
              <span key={column.id} role="cell" class={"cell of-" + column.id}>
                {column.cell(row)}
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
