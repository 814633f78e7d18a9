// Lists of workflows and of tasks: a query, counts by status, and rows of which only those in sight are drawn.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Counts, Status as StatusName, TaskExecutionRow, WorkflowExecutionRow } from "@schema";
import { get, may } from "./api";
import { type ApiError, errorOf } from "./api-error";
import { BulkDialog } from "./bulk";
import { useList } from "./changes";
import { to, useData, useDialog, usePlace, useRemembered } from "./hooks";
import { Ago, Lag, Live, Loading, NONE, Page, Problem, Short, Status, Took, WorkflowStatus } from "./parts";
import { type Narrowed, type Order, ordered, orderOf, queryOf } from "./query";
import { QueryBar } from "./query-bar";
import { SavedQueries } from "./saved-queries";
import { Listed, StartDialog, SubmitDialog } from "./start";
import { number } from "./text";

const STATUSES: StatusName[] = ["PENDING", "RUNNING", "WAITING", "COMPLETED", "FAILED", "CANCELLED", "CONTINUED_AS_NEW"];
/** Whoever pastes an id means that one. */
const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const PAGE = 100;
/** Whoever scrolls on gets larger parts, and early: the list is not to end under his hands. */
const PART = 500;
const AHEAD = 250;
const ROW = 36;
/** The mouse rests once it has not moved for so long, milliseconds. */
const RESTS = 1_500;
/** A query has no more conditions. */
const MOST_SELECTED = 50;

interface Column<R> {
  id: string;
  title: string;
  usual: boolean;
  width: string;
  /** The field of queries by which rows can be ordered as this column says. */
  sort?: string;
  cell: (row: R) => ComponentChildren;
}

function metadata(entries: { [name: string]: string }): ComponentChildren {
  const all = Object.entries(entries);
  return all.length === 0 ? NONE : all.map(([name, value]) => `${name}=${value}`).join(", ");
}

const dash = (text: string | null) => text || NONE;

const WORKFLOW_COLUMNS: Column<WorkflowExecutionRow>[] = [
  { id: "status", title: "Status", usual: true, width: "9.8rem", sort: "status", cell: (row) => <WorkflowStatus of={row} brief /> },
  { id: "kind", title: "Kind", usual: true, width: "minmax(8rem,1.6fr)", cell: (row) => row.kind },
  { id: "id", title: "Id", usual: true, width: "8.8rem", cell: (row) => <Short id={row.id} href={to(["workflows", row.id])} /> },
  { id: "queue", title: "Queue", usual: true, width: "minmax(5rem,1fr)", cell: (row) => row.queue },
  { id: "created", title: "Created", usual: true, width: "6.4rem", sort: "created", cell: (row) => <Ago time={row.createdAt} /> },
  { id: "took", title: "Took", usual: true, width: "5rem", sort: "duration", cell: (row) => <Took from={row.createdAt} to={row.closedAt} /> },
  { id: "started", title: "Started", usual: false, width: "6.4rem", sort: "started", cell: (row) => <Ago time={row.startedAt} /> },
  { id: "ended", title: "Ended", usual: false, width: "6.4rem", sort: "ended", cell: (row) => <Ago time={row.closedAt} /> },
  { id: "worker", title: "Worker", usual: false, width: "minmax(8rem,1fr)", cell: (row) => dash(row.workerId) },
  { id: "history", title: "History", usual: true, width: "4.6rem", sort: "history", cell: (row) => number(row.historyLength) },
  { id: "attempt", title: "Attempt", usual: false, width: "5rem", sort: "attempt", cell: (row) => row.deliveries || NONE },
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
  { id: "status", title: "Status", usual: true, width: "7.6rem", sort: "status", cell: (row) => <Status of={row.status} /> },
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
    width: "4.6rem",
    sort: "attempt",
    cell: (row) => `${row.executionCount} of ${row.maxRetries + 1}`,
  },
  { id: "created", title: "Created", usual: true, width: "6.4rem", sort: "created", cell: (row) => <Ago time={row.createdAt} /> },
  {
    id: "took",
    title: "Took",
    usual: true,
    width: "5rem",
    sort: "duration",
    cell: (row) => (row.startedAt ? <Took from={row.startedAt} to={row.completedAt} /> : NONE),
  },
  { id: "worker", title: "Worker", usual: false, width: "minmax(8rem,1fr)", cell: (row) => dash(row.workerId) },
  { id: "error", title: "Error", usual: true, width: "minmax(3.2rem,2fr)", cell: (row) => dash(row.error) },
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
  const kind = query.get("kind") ?? "";
  const queue = query.get("queue") ?? "";
  const chosen: Narrowed = { status, kind, queue };
  const [hidden, hide] = useRemembered<string[]>(
    what + ".hidden",
    columns.filter((column) => !column.usual).map((column) => column.id),
  );
  const shown = useMemo(() => columns.filter((column) => !hidden.includes(column.id)), [hidden]);
  const [more, setMore] = useState<Part<R>>();
  const [moreError, setMoreError] = useState<ApiError>();
  const [faulty, setFaulty] = useState(false);
  const [away, setAway] = useState(false);
  const [held, hold] = useState(false);
  // Counts how often the list began anew; what was asked for before that is no part of it.
  const begun = useRef(0);
  const asking = useRef(-1);
  const [selected, select] = useState<ReadonlySet<string>>(new Set());

  const asked = JSON.stringify([q, chosen]);
  // The first part comes again and again, as long as nobody has scrolled away from it or moves the mouse over it. What is asked
  // for anew comes all the same: there is nothing yet that could stand still.
  const had = useRef("");
  const first = useList<Part<R> & { asked: string }>(
    async (signal) => ({ ...(await page({ q, ...chosen, limit: PAGE }, signal)), asked }),
    [what, asked],
    (away || held) && had.current === asked ? -1 : 2_000,
  );
  const counts = useList<Counts>(
    (signal) => get(`/api/orgs/{slug}/${what}-executions/counts`, {}, { q, kind, queue }, signal),
    [what, q, kind, queue],
    3_000,
  );
  const { dialog, show, said, close, done } = useDialog<"selected" | "all" | "start">(() => {
    select(new Set());
    first.again();
  });

  useEffect(() => {
    begun.current++;
    select(new Set());
    setMore(undefined);
    setMoreError(undefined);
    setAway(false);
  }, [what, asked]);

  const go = (next: Partial<Narrowed> & { q?: string }) => {
    const place = to([what + "s"], { q, ...chosen, ...next });
    if (location.hash === place) first.again();
    else location.hash = place;
  };

  // Rows of another query are never shown: they would look like what was found.
  const part = first.value?.asked === asked ? first.value : undefined;
  if (part) had.current = asked;
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
      const part = await page({ q, ...chosen, limit: PART, cursor: next });
      if (begun.current !== mine) return;
      setMore((old) => ({ rows: [...(old?.rows ?? []), ...part.rows], next: part.next }));
      setMoreError(undefined);
    } catch (e) {
      if (begun.current === mine) setMoreError(errorOf(e));
    } finally {
      if (asking.current === mine) asking.current = -1;
    }
  }, [next, asked]);

  // Back at the top it begins anew: between an older first part and a newer one some would be missing.
  const scrolled = useCallback((is: boolean) => {
    setAway(is);
    if (is) return;
    begun.current++;
    setMore(undefined);
  }, []);

  const listed = (id: string) => <Listed what={what} id={id} then={first.again} />;
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
          <Live is={first.live && !away && !wrong} />
          {may("START") && (
            <button type="button" onClick={() => show("start")}>
              Start a {what}…
            </button>
          )}
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
      <QueryBar
        what={what}
        text={q}
        submit={(text) => (ID.test(text) ? (location.hash = to([what + "s", text])) : go({ q: text }))}
        refused={refused ? first.error : undefined}
        takes={(text) => ID.test(text)}
        faulty={setFaulty}
      />
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
        <Narrow what={what} by="kind" query={{ q, status, queue }} chosen={kind} choose={(one) => go({ kind: one })} />
        <Narrow what={what} by="queue" query={{ q, status, kind }} chosen={queue} choose={(one) => go({ queue: one })} />
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
        <Empty what={what} narrowed={q !== "" || Object.values(chosen).some((one) => one !== "")} />
      ) : (
        <Rows
          rows={rows}
          columns={shown}
          what={what}
          order={orderOf(q) ?? NEWEST}
          sort={(order) => go({ q: ordered(q, order) })}
          more={next ? loadMore : undefined}
          away={scrolled}
          hold={hold}
          total={total}
          selected={selected}
          select={may("CANCEL") ? select : undefined}
        />
      )}
      {dialog === "start" && what === "workflow" && <StartDialog beside={listed} close={close} done={done} />}
      {dialog === "start" && what === "task" && <SubmitDialog beside={listed} close={close} done={done} />}
      {dialog && dialog !== "start" && (
        <BulkDialog
          what={what}
          title={dialog === "selected" ? `For the ${number(selected.size)} selected` : "For all that match"}
          query={dialog === "selected" ? `id IN (${[...selected].join(", ")})` : queryOf(q, chosen)}
          close={close}
          done={done}
        />
      )}
    </Page>
  );
}

/** The order of a query that says none. */
const NEWEST: Order = { field: "created", down: true };

/** Those of one kind or queue alone; which there are is asked for once somebody wants to know. */
function Narrow({
  what,
  by,
  query,
  chosen,
  choose,
}: {
  what: "workflow" | "task";
  by: "kind" | "queue";
  query: PageQuery;
  chosen: string;
  choose: (one: string) => void;
}) {
  const [looked, look] = useState(false);
  const found = useData<Counts>(
    (signal) => get(`/api/orgs/{slug}/${what}-executions/counts`, {}, { ...query, by }, signal),
    [what, by, JSON.stringify(query)],
    looked ? 10_000 : -1,
  );
  const groups = found.value?.groups ?? [];
  return (
    <label>
      <span class="hidden">Only those of one {by}</span>
      <select
        name={by}
        class={chosen ? "chosen" : ""}
        value={chosen}
        onFocus={() => look(true)}
        onBlur={() => look(false)}
        onChange={(e) => choose(e.currentTarget.value)}
      >
        <option value="">Any {by}</option>
        {chosen && !groups.some((group) => group.value === chosen) && <option value={chosen}>{chosen}</option>}
        {groups.map((group) => (
          <option key={group.value} value={group.value}>
            {group.value} ({number(group.count)})
          </option>
        ))}
      </select>
    </label>
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
  order,
  sort,
  more,
  away,
  hold,
  total,
  selected,
  select,
}: {
  rows: R[];
  columns: Column<R>[];
  what: "workflow" | "task";
  order: Order;
  /** Orders the rows anew; undefined: as they come if nobody says how. */
  sort: (order: Order | undefined) => void;
  more: (() => Promise<void>) | undefined;
  away: (is: boolean) => void;
  /** Told when the rows have to stand still. */
  hold: (is: boolean) => void;
  total: number | undefined;
  selected: ReadonlySet<string>;
  /** Missing: nothing can be done to them. */
  select: ((ids: ReadonlySet<string>) => void) | undefined;
}) {
  const box = useRef<HTMLDivElement>(null);
  // Whoever moves the mouse is about to click on a row: another one must not take its place.
  const resting = useRef(0);
  const moved = () => {
    clearTimeout(resting.current);
    hold(true);
    resting.current = window.setTimeout(() => hold(false), RESTS);
  };
  useEffect(
    () => () => {
      clearTimeout(resting.current);
      hold(false);
    },
    [],
  );
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
    if (more && rows.length - end < Math.min(AHEAD, rows.length / 2)) void more();
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
      onPointerMove={moved}
      onPointerDown={moved}
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
            <Head key={column.id} of={column} order={order} sort={sort} />
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

/** The head of a column, which orders the rows where that can be: the largest first, then the smallest, then as before. */
function Head<R>({ of, order, sort }: { of: Column<R>; order: Order; sort: (order: Order | undefined) => void }) {
  if (!of.sort) return <span role="columnheader">{of.title}</span>;
  const field = of.sort;
  const now = order.field === field;
  const next = !now ? { field, down: true } : order.down ? { field, down: false } : undefined;
  return (
    <span role="columnheader" aria-sort={now ? (order.down ? "descending" : "ascending") : "none"}>
      <button type="button" class="order" onClick={() => sort(next)}>
        {of.title} <span aria-hidden="true">{now ? (order.down ? "↓" : "↑") : ""}</span>
      </button>
    </span>
  );
}
