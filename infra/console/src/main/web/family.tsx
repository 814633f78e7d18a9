// Parents and children of a workflow, drawn as a tree.
import { useState } from "preact/hooks";
import type { WorkflowExecution, WorkflowExecutionList, WorkflowExecutionRow } from "@schema";
import { get } from "./api";
import { type ApiError } from "./api-error";
import { to, useData } from "./hooks";
import { Loading, Problem, Short, Took, WorkflowStatus } from "./parts";
import { some } from "./text";

/** How many of its parents are looked for, and how many children of each are shown. */
const MOST_PARENTS = 20;
const MOST_CHILDREN = 500;

type Member = Pick<
  WorkflowExecutionRow,
  "id" | "kind" | "status" | "terminatedBy" | "resetTo" | "error" | "childExecutionName" | "createdAt" | "closedAt" | "parentExecutionId"
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
  if (above.length === 0 && children.length === 0) return <p class="none">It has neither a parent nor children.</p>;
  return (
    <>
      <Problem error={parents.error} again={parents.again} />
      <Problem error={error} again={again} />
      <ul class="tree" aria-label="Parents and children">
        <Branch parents={above} self={of} children={children} />
      </ul>
    </>
  );
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

function Node({ of, itself }: { of: Member; itself?: boolean }) {
  return (
    <span class={itself ? "node itself" : "node"}>
      <WorkflowStatus of={of} />
      <b>{of.childExecutionName || of.kind}</b>
      {of.childExecutionName && <span class="soft">{of.kind}</span>}
      {itself ? <span class="soft">this one</span> : <Short id={of.id} href={to(["workflows", of.id])} />}
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
