// Earlier and later runs of a workflow, and its parents and children, drawn as a tree.
import { useState } from "preact/hooks";
import type { WorkflowExecution, WorkflowExecutionList, WorkflowExecutionRow } from "@schema";
import { get } from "./api";
import { type ApiError, errorOf } from "./api-error";
import { to, useData } from "./hooks";
import { Loading, Problem, Short, Took, WorkflowStatus } from "./parts";
import { local, ms, some } from "./text";

/** How many of its parents are looked for, and how many children of each are shown. */
const MOST_PARENTS = 20;
const MOST_CHILDREN = 500;
/** So many runs are looked for, before this one and behind it. */
const MOST_RUNS = 20;

type Member = Pick<
  WorkflowExecutionRow,
  "id" | "kind" | "status" | "terminatedBy" | "resetFrom" | "resetTo" | "error" | "childExecutionName" | "createdAt" | "closedAt" | "parentExecutionId"
>;

export function Family({
  of,
  children,
  error,
  again,
}: {
  of: WorkflowExecution;
  children: WorkflowExecutionRow[] | undefined;
  error: ApiError | undefined;
  again: () => void;
}) {
  const parents = useData<Member[]>((signal) => parentsOf(of, signal), [of.id]);
  if (!children || (!parents.value && !parents.error)) {
    return error ? <Problem error={error} again={again} /> : <Loading />;
  }
  const above = parents.value ?? [];
  return (
    <>
      {(of.resetFrom || of.resetTo) && <Runs of={of} />}
      {above.length === 0 && children.length === 0 && <p class="none">It has neither a parent nor children.</p>}
      <Problem error={parents.error} again={parents.again} />
      <Problem error={error} again={again} />
      {above.length + children.length > 0 && (
        <ul class="tree" aria-label="Parents and children">
          <Branch parents={above} self={of} children={children} />
        </ul>
      )}
    </>
  );
}

/** Its runs in their order; each goes on from the one before. */
function Runs({ of }: { of: Member }) {
  const found = useData<{ before: Member[]; behind: Member[] }>(
    async (signal) => ({ before: (await follow(of, "resetFrom", signal)).reverse(), behind: await follow(of, "resetTo", signal) }),
    [of.id, of.resetTo],
  );
  if (!found.value) return found.error ? <Problem error={found.error} again={found.again} /> : <Loading />;
  const { before, behind } = found.value;
  return (
    <>
      <h2>Runs</h2>
      <Problem error={found.error} again={found.again} />
      <ol class="runs tree" aria-label="Runs">
        {before.length === MOST_RUNS && <li class="soft">Earlier runs are not shown.</li>}
        {before.map((run) => (
          <li key={run.id}>
            <Node of={run} run />
          </li>
        ))}
        <li aria-current="true">
          <Node of={of} itself run />
        </li>
        {behind.map((run) => (
          <li key={run.id}>
            <Node of={run} run />
          </li>
        ))}
        {behind.length === MOST_RUNS && <li class="soft">Later runs are not shown.</li>}
      </ol>
      <h2>Parents and children</h2>
    </>
  );
}

/** @returns the runs that one leads to, one by the other; of one that is kept no more nothing is known */
async function follow(of: Member, by: "resetFrom" | "resetTo", signal: AbortSignal): Promise<Member[]> {
  const found: Member[] = [];
  for (let id = of[by]; id && found.length < MOST_RUNS; ) {
    const next: Member | undefined = await get("/api/orgs/{slug}/workflow-executions/{id}", { id }, {}, signal).catch((e) => {
      if (errorOf(e).status === 404) return undefined;
      throw e;
    });
    if (!next) break;
    found.push(next);
    id = next[by];
  }
  return found;
}

/** From the first parent down to itself. */
function Branch({ parents, self, children }: { parents: Member[]; self: Member; children: WorkflowExecutionRow[] }) {
  const [first, ...rest] = parents;
  if (!first) {
    return (
      <li aria-current="true">
        <Node of={self} itself />
        <Children of={children} />
      </li>
    );
  }
  return (
    <li>
      <Node of={first} />
      <ul>
        <Branch parents={rest} self={self} children={children} />
      </ul>
    </li>
  );
}

async function parentsOf(of: Member, signal: AbortSignal): Promise<Member[]> {
  const found: Member[] = [];
  for (let id = of.parentExecutionId; id && found.length < MOST_PARENTS; id = found[0]?.parentExecutionId ?? null) {
    found.unshift(await get("/api/orgs/{slug}/workflow-executions/{id}", { id }, {}, signal));
  }
  return found;
}

/** @param run whether it is one of several runs: their ids are alike, and differ in when they began */
function Node({ of, itself, run }: { of: Member; itself?: boolean; run?: boolean }) {
  return (
    <span class={itself ? "node itself" : "node"}>
      <WorkflowStatus of={of} />
      <b>{of.childExecutionName || of.kind}</b>
      {of.childExecutionName && <span class="soft">{of.kind}</span>}
      {itself ? (
        <span class="soft">this one</span>
      ) : run ? (
        <a class="id" href={to(["workflows", of.id])} title={of.id}>
          {of.id}
        </a>
      ) : (
        <Short id={of.id} href={to(["workflows", of.id])} />
      )}
      {run && <span class="soft">{local(ms(of.createdAt))}</span>}
      <span class="soft">
        <Took from={of.createdAt} to={of.closedAt} />
      </span>
      {of.error && <span class="gist">{of.error}</span>}
    </span>
  );
}

function Children({ of }: { of: WorkflowExecutionRow[] }) {
  if (of.length === 0) return null;
  return (
    <ul>
      {[...of].reverse().map((child) => (
        <Child key={child.id} of={child} />
      ))}
      {of.length === MOST_CHILDREN && (
        <li class="soft">
          Only the newest {some(MOST_CHILDREN, "child").replace("childs", "children")} are shown.
        </li>
      )}
    </ul>
  );
}

function Child({ of }: { of: WorkflowExecutionRow }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <button
        type="button"
        class="plain small twig"
        aria-expanded={open}
        aria-label={`Children of ${of.childExecutionName || of.kind}`}
        onClick={() => setOpen(!open)}
      >
        {open ? "−" : "+"}
      </button>
      <Node of={of} />
      {open && <Grandchildren id={of.id} />}
    </li>
  );
}

function Grandchildren({ id }: { id: string }) {
  const found = useData<WorkflowExecutionList>(
    (signal) => get("/api/orgs/{slug}/workflow-executions", {}, { q: `parent = ${id}`, limit: MOST_CHILDREN }, signal),
    [id],
  );
  if (!found.value) return found.error ? <Problem error={found.error} again={found.again} /> : <Loading />;
  return found.value.workflowExecutions.length === 0 ? (
    <ul>
      <li class="soft">It has no children.</li>
    </ul>
  ) : (
    <Children of={found.value.workflowExecutions} />
  );
}
