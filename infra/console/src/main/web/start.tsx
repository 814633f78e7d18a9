// What is started by hand: workflows, and tasks without one.
import { type ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { Started, Workers, WorkflowExecution } from "@schema";
import { ActionDialog, type Closing, Field, moment } from "./actions";
import { get, getParts, may, post } from "./api";
import { ApiError } from "./api-error";
import { to, useData, useKeyFor } from "./hooks";
import { filledIn, JsonField, jsonOf } from "./json-field";
import { Short } from "./parts";

type What = "workflow" | "task";

/** What was started; what the answer says of its key stands there too. */
function said(what: What, answer: Started, own: boolean): ComponentChildren {
  const link = <Short id={answer.id} href={to([what + "s", answer.id])} />;
  if (own && !answer.idempotencyKeyNew) return <>Nothing was started: this key stands for {link}, which was started before.</>;
  return <>It has started as {link}.</>;
}

/** Says that the list lacks something as long as it does, and has the list asked for again once it does not. */
export function Listed({ what, id, then }: { what: What; id: string; then: () => void }) {
  const [there, set] = useState(false);
  const found = useData<boolean>(
    async (signal) => {
      const query = { q: `id = ${id}`, limit: 1 };
      if (what === "task") return (await get("/api/orgs/{slug}/task-executions", {}, query, signal)).taskExecutions.length > 0;
      return (await get("/api/orgs/{slug}/workflow-executions", {}, query, signal)).workflowExecutions.length > 0;
    },
    [what, id],
    there ? -1 : 300,
  );
  useEffect(() => {
    if (found.value) set(true);
  }, [found.value]);
  useEffect(() => {
    if (there) then();
  }, [there]);
  return there ? null : <> The list does not have it yet: it follows what happens at a distance.</>;
}

/** @returns entries of metadata, one in each line; throws what people can read */
function entries(text: string): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  text.split("\n").forEach((line, i) => {
    if (line.trim() === "") return;
    const cut = line.indexOf("=");
    const name = line.slice(0, cut).trim();
    if (cut < 0 || name === "") throw new ApiError(0, "METADATA", `Expected NAME=VALUE in line ${i + 1} of the metadata, but found ${line.trim()}.`);
    if (name in found) throw new ApiError(0, "METADATA", `Expected each name once in the metadata, but ${name} stands there twice.`);
    found[name] = line.slice(cut + 1).trim();
  });
  return Object.keys(found).length > 0 ? found : undefined;
}

/** A whole number, or nothing. */
const whole = (text: string) => (text.trim() === "" ? undefined : Number(text));

/** Longer than from one key to the next, milliseconds. */
const TYPED = 400;

/** @returns the queue, once that is asked for, if no worker polls it, and what may have been meant; nothing where that is not known */
function useUnpolled(what: What, queue: string): { queue: string; instead: string[] } | undefined {
  const [asked, ask] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => ask(queue), TYPED);
    return () => clearTimeout(timer);
  }, [queue]);
  // Who may start need not be one who may look at queues: then nobody is warned, and what is started waits.
  const found = useData<{ queue: string; instead: string[] } | undefined>(
    async (signal) => {
      if (!asked || !may("LIST")) return undefined;
      const why = await get("/api/orgs/{slug}/queues/{queue}/why", { queue: asked }, {}, signal);
      const work = why.work.find((each) => each.workType === (what === "task" ? "TASK" : "WORKFLOW"));
      return work?.polled === false ? { queue: asked, instead: work.polledQueues } : undefined;
    },
    [what, asked],
    asked ? 5_000 : 0,
  );
  return found.value;
}

/** The fields that say what is to be started, and what they say. */
function useStarting(what: What, like?: WorkflowExecution) {
  const [fields, set] = useState({
    kind: like?.kind ?? "",
    queue: like?.queue ?? "",
    input: like ? filledIn(like.input) : "",
    metadata: Object.entries(like?.metadata ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join("\n"),
    key: "",
    priority: like?.prioritySeconds ? String(like.prioritySeconds) : "",
    version: like?.workflowVersion ?? "",
    retries: "",
    timeout: "",
    at: "",
  });
  const names = useId();
  const keyFor = useKeyFor();
  const workers = useData<Workers>(
    (signal) => getParts("/api/orgs/{slug}/workers", {}, { status: "ONLINE", limit: 500 }, "workers", signal),
    [],
  );
  const kinds = [...new Set(workers.value?.workers.flatMap((one) => (what === "task" ? one.taskKinds : one.workflowKinds)) ?? [])].sort();
  const kind = fields.kind.trim();
  const [left, leave] = useState(false);
  const queue = fields.queue.trim() || "default";
  const unpolled = useUnpolled(what, left || like ? queue : "");
  const change = (name: keyof typeof fields) => (value: string) => set((old) => ({ ...old, [name]: value }));
  const text = (name: keyof typeof fields, label: string, placeholder = "", type = "text") => (
    <Field name={name} label={label} placeholder={placeholder} type={type} value={fields[name]} set={change(name)} />
  );
  const own = fields.key.trim() !== "";
  /** @returns the request; throws what people can read */
  const request = () => {
    const body = {
      kind,
      input: jsonOf(fields.input, "the input"),
      queue: fields.queue.trim() || undefined,
      metadata: entries(fields.metadata),
      ...(what === "task"
        ? {
            maxRetries: whole(fields.retries),
            timeoutMs: fields.timeout.trim() ? Math.round(Number(fields.timeout) * 1_000) : undefined,
            scheduledAt: fields.at ? moment(fields.at, "the time") : undefined,
          }
        : { prioritySeconds: whole(fields.priority), workflowVersion: fields.version.trim() || undefined }),
    };
    return { ...body, idempotencyKey: own ? fields.key.trim() : keyFor(body) };
  };
  const shown = (
    <>
      <label>
        Kind
        <input
          type="text"
          name="kind"
          required
          autofocus={!like}
          list={names}
          value={fields.kind}
          spellcheck={false}
          autocomplete="off"
          onInput={(e) => change("kind")(e.currentTarget.value)}
          onBlur={() => leave(true)}
        />
        <datalist id={names}>
          {kinds.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </label>
      {left && workers.value && kind !== "" && !kinds.includes(kind) && (
        <p class="warn">No living worker has registered the kind {kind}. It waits until one does.</p>
      )}
      <label>
        Queue
        <input
          type="text"
          name="queue"
          placeholder="default"
          list={names + "-queues"}
          value={fields.queue}
          spellcheck={false}
          autocomplete="off"
          onInput={(e) => change("queue")(e.currentTarget.value)}
          onBlur={() => leave(true)}
        />
        <datalist id={names + "-queues"}>
          {unpolled?.instead.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </label>
      {unpolled && unpolled.queue === queue && (
        <p class="warn">
          No worker is known to poll the queue {queue} for {what}s. It waits until one does.
          {unpolled.instead.length > 0 && ` Polled: ${unpolled.instead.join(", ")}.`}
        </p>
      )}
      <JsonField name="input" label="Input, as JSON" value={fields.input} set={change("input")} />
      <details>
        <summary>More</summary>
        <div class="fields">
          <label>
            Metadata, an entry in each line
            <textarea
              rows={3}
              name="metadata"
              placeholder={"customer=c-17"}
              value={fields.metadata}
              spellcheck={false}
              onInput={(e) => change("metadata")(e.currentTarget.value)}
            />
          </label>
          {text("key", "Idempotency key: what was started with it for a day is not started again", "none")}
          {what === "workflow" && text("priority", "Goes before what waits, as if it had come so many seconds earlier", "0", "number")}
          {what === "workflow" && text("version", "Version of the workflow, for its worker", "none")}
          {what === "task" && text("retries", "Attempts after the first one", "3", "number")}
          {what === "task" && text("timeout", "Seconds until it has to be done", "however many", "number")}
          {what === "task" && text("at", "Not before", "", "datetime-local")}
        </div>
      </details>
    </>
  );
  return { request, own, shown };
}

interface Starting extends Closing {
  /** Stands behind what is said of it. */
  beside?: (id: string) => ComponentChildren;
}

/** @param like what it is to be like, unless somebody says otherwise */
export function StartDialog({ like, beside, ...closing }: Starting & { like?: WorkflowExecution }) {
  const of = useStarting("workflow", like);
  return (
    <ActionDialog
      {...closing}
      title={like ? "Start another one like this" : "Start a workflow"}
      label="Start the workflow"
      reasons={false}
      send={async () => {
        const answer = await post("/api/orgs/{slug}/workflow-executions", {}, of.request());
        return (
          <>
            {said("workflow", answer, of.own)}
            {beside?.(answer.id)}
          </>
        );
      }}
    >
      {of.shown}
    </ActionDialog>
  );
}

export function SubmitDialog({ beside, ...closing }: Starting) {
  const of = useStarting("task");
  return (
    <ActionDialog
      {...closing}
      title="Start a task without a workflow"
      label="Start the task"
      reasons={false}
      send={async () => {
        const answer = await post("/api/orgs/{slug}/task-executions", {}, of.request());
        return (
          <>
            {said("task", answer, of.own)}
            {beside?.(answer.id)}
          </>
        );
      }}
    >
      {of.shown}
    </ActionDialog>
  );
}
