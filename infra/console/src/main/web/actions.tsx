// What may be done to executions and approvals, each with its reason, which stands in the audit trail.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { ApprovalPending, Event, ResetRun, Settled, TaskExecution, WorkflowExecution } from "@schema";
import { post } from "./api";
import { ApiError } from "./api-error";
import { to, useKeyFor, useSending } from "./hooks";
import { filledIn, JsonField, jsonOf } from "./json-field";
import { Dialog, SendForm, Short } from "./parts";
import { fieldTime, number, some, words } from "./text";

const NEW_RUNS = {
  retry: "/api/orgs/{slug}/workflow-executions/{id}/retry",
  reset: "/api/orgs/{slug}/workflow-executions/{id}/reset",
  restart: "/api/orgs/{slug}/workflow-executions/{id}/restart",
  "continue-as-new": "/api/orgs/{slug}/workflow-executions/{id}/continue-as-new",
} as const;

export interface Closing {
  close: () => void;
  /** It is done; says what came of it. */
  done: (said: ComponentChildren) => void;
}

/** How an action is asked for: its reason, and the length of the history, or the version, that it is meant for, if that counts. */
export interface Asking {
  reason?: string;
  sequence?: number;
  version?: number;
}

export const body = (asking: Asking) => (asking.reason ? { reason: asking.reason } : {});
const seen = (asking: Asking) => ({ sequence: asking.sequence });
export const seenVersion = (asking: Asking) => ({ version: asking.version });

/** What everybody is told whose request waits for somebody else; undefined for any other answer. */
function pending(answer: unknown): ComponentChildren | undefined {
  const id = (answer as Partial<ApprovalPending>).approvalId;
  return id ? (
    <>
      Nothing is done yet: somebody else has to <a href={to(["approvals"])}>approve</a> it.
    </>
  ) : undefined;
}

/** Longer than from one click of a double click to the other, milliseconds. */
const RESTS = 700;

/** Whether a button has to rest, since it has just come to mean something else: nobody has read that yet. */
function useResting(label: string): boolean {
  const [rested, rest] = useState(label);
  useEffect(() => {
    const timer = setTimeout(() => rest(label), RESTS);
    return () => clearTimeout(timer);
  }, [label]);
  return rested !== label;
}

/** Asks for the reason, and sends. */
export function ActionDialog({
  title,
  about,
  label,
  keep = "Close",
  danger,
  sequence,
  version,
  send,
  close,
  done,
  reasons = true,
  needed,
  children,
}: Closing & {
  title: string;
  about?: ComponentChildren;
  /** What the button that sends says. */
  label: string;
  /** What the other button says. */
  keep?: string;
  danger?: boolean;
  /** Length of the history as it was seen when the dialog was opened; missing: it never counts. */
  sequence?: number;
  /** The same of what has no history: its version. */
  version?: number;
  /** Sends; returns what is said of the answer, or nothing where there is more to do here. */
  send: (asking: Asking) => Promise<ComponentChildren | undefined>;
  /** Whether a reason can be given. */
  reasons?: boolean;
  /** Whether one has to be given. */
  needed?: boolean;
  children?: ComponentChildren;
}) {
  const [reason, setReason] = useState("");
  const [asSeen, setAsSeen] = useState(true);
  const [length] = useState(sequence);
  const [opened] = useState(version);
  const by = useSending(async () => {
    const said = await send({ reason: reason.trim() || undefined, sequence: asSeen ? length : undefined, version: asSeen ? opened : undefined });
    if (said !== undefined) done(said);
  });
  const resting = useResting(label);
  return (
    <Dialog title={title} close={close}>
      <SendForm
        by={by}
        buttons={
          <div class="buttons">
            <button type="button" onClick={close}>
              {keep}
            </button>
            <button type="submit" class={danger ? "danger" : "main"} disabled={by.busy || resting}>
              {label}
            </button>
          </div>
        }
      >
        {about && <p>{about}</p>}
        {children}
        {reasons && (
          <label>
            Reason
            <input
              type="text"
              name="reason"
              value={reason}
              autofocus={!children}
              required={needed}
              placeholder="Stands in the audit trail"
              onInput={(e) => setReason(e.currentTarget.value)}
            />
          </label>
        )}
        {(length !== undefined || opened !== undefined) && (
          <label class="check">
            <input type="checkbox" name="seen" checked={asSeen} onChange={(e) => setAsSeen(e.currentTarget.checked)} />
            {length === undefined
              ? "Only if nothing has happened to it since I opened this"
              : `Only if nothing has happened to it since I opened this (its history has ${some(length, "event")})`}
          </label>
        )}
        {by.error?.status === 412 && (
          <p class="warn">Nothing was done. Close this, look at what has changed, and ask again; or do without the check.</p>
        )}
      </SendForm>
    </Dialog>
  );
}

/** A field of a dialog. */
export function Field({
  name,
  label,
  value,
  set,
  required,
  placeholder,
  type,
}: {
  name: string;
  label: string;
  value: string;
  set: (value: string) => void;
  required?: boolean;
  placeholder?: string;
  type?: string;
}) {
  return (
    <label>
      {label}
      <input
        type={type ?? "text"}
        name={name}
        value={value}
        required={required ?? false}
        placeholder={placeholder}
        spellcheck={false}
        onInput={(e) => set(e.currentTarget.value)}
      />
    </label>
  );
}

/** @returns a moment of the field's as the server writes it; throws what people can read */
export function moment(text: string, name: string): string {
  const time = fieldTime(text);
  if (Number.isNaN(time)) throw new ApiError(0, "TIME", `Expected a day and a time as ${name}.`);
  return new Date(time).toISOString();
}

const GRACES: Array<[number, string]> = [
  [0, "None: it is cancelled by force at once"],
  [10_000, "10 seconds"],
  [60_000, "1 minute"],
  [600_000, "10 minutes"],
  [3_600_000, "1 hour"],
];

export function CancelWorkflowDialog({ of, ...closing }: Closing & { of: WorkflowExecution }) {
  const [grace, setGrace] = useState(0);
  return (
    <ActionDialog
      {...closing}
      title="Cancel this workflow"
      about="Its open tasks and children are cancelled with it."
      label="Cancel the workflow"
      keep="Keep it"
      danger
      sequence={of.historyLength}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/workflow-executions/{id}/cancel", { id: of.id }, { ...body(asking), forceAfterMs: grace }, seen(asking));
        if ("approvalId" in answer) return pending(answer);
        return answer.cancelled
          ? "It is cancelled."
          : answer.requested
            ? "It is asked to end, and is cancelled by force when its time is over."
            : "It had ended already, or was asked before to end as soon: it stays as it is.";
      }}
    >
      <label>
        Time for its worker to clean up
        <select name="grace" value={grace} onChange={(e) => setGrace(Number(e.currentTarget.value))}>
          {GRACES.map(([millis, text]) => (
            <option key={millis} value={millis}>
              {text}
            </option>
          ))}
        </select>
      </label>
    </ActionDialog>
  );
}

export function TerminateDialog({ of, ...closing }: Closing & { of: WorkflowExecution }) {
  return (
    <ActionDialog
      {...closing}
      title="Terminate this workflow"
      about="It ends at once with its open tasks and children, and no worker is asked."
      label="Terminate the workflow"
      keep="Keep it"
      danger
      sequence={of.historyLength}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/workflow-executions/{id}/terminate", { id: of.id }, body(asking), seen(asking));
        if ("approvalId" in answer) return pending(answer);
        return answer.terminated ? "It is terminated." : "It had ended already, and stays as it is.";
      }}
    />
  );
}

export function PauseDialog({ of, ...closing }: Closing & { of: WorkflowExecution }) {
  return (
    <ActionDialog
      {...closing}
      title="Pause this workflow"
      about="Neither it nor its tasks are handed out until it is resumed. What workers have goes on, timers fire, signals come in."
      label="Pause the workflow"
      sequence={of.historyLength}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/workflow-executions/{id}/pause", { id: of.id }, body(asking), seen(asking));
        return answer.paused ? "It is paused." : "It was paused already.";
      }}
    />
  );
}

export function AnnotateDialog({ of, ...closing }: Closing & { of: WorkflowExecution }) {
  const [text, setText] = useState("");
  return (
    <ActionDialog
      {...closing}
      title="Note something about this workflow"
      about="It stands with the workflow for ever, with your name, and queries find it."
      label="Note it"
      reasons={false}
      send={async () => {
        await post("/api/orgs/{slug}/workflow-executions/{id}/annotations", { id: of.id }, { text: text.trim() });
        return "It is noted.";
      }}
    >
      <label>
        Note
        <input
          type="text"
          name="text"
          required
          maxLength={1000}
          value={text}
          autofocus
          placeholder="ticket 4711"
          onInput={(e) => setText(e.currentTarget.value)}
        />
      </label>
    </ActionDialog>
  );
}

export function ResumeDialog({ of, ...closing }: Closing & { of: WorkflowExecution }) {
  return (
    <ActionDialog
      {...closing}
      title="Resume this workflow"
      about="It and its tasks are handed out again."
      label="Resume the workflow"
      sequence={of.historyLength}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/workflow-executions/{id}/resume", { id: of.id }, body(asking), seen(asking));
        return answer.resumed ? "It is resumed." : "It was not paused.";
      }}
    />
  );
}

/** What happens again in a new run. */
function Again({ run, request }: { run: ResetRun; request: keyof typeof NEW_RUNS }) {
  if (run.again.length === 0 && request === "continue-as-new") {
    return (
      <p class="warn">
        The new run begins without a history: the workflow does all of its work anew. Its open tasks are cancelled, and its children go on without it.
      </p>
    );
  }
  if (run.again.length === 0) return <p class="good">Nothing that happened before happens again.</p>;
  return (
    <div class="again">
      <p class="warn">This happens again:</p>
      <ul>
        {run.again.map((each) => (
          <li key={each.what + " " + each.name}>
            {each.what} <b>{each.name}</b>
            {each.times > 1 && `, ${number(each.times)} times`}
          </li>
        ))}
      </ul>
    </div>
  );
}

function goesOn(run: ResetRun): ComponentChildren {
  return <>It goes on as {run.id && <Short id={run.id} href={to(["workflows", run.id])} />}.</>;
}

/** What is known of the run that another one goes on from. */
type Run = Pick<WorkflowExecution, "id" | "historyLength">;

/** Goes on in a new run; first it is only asked what happens again. */
function NewRunDialog({
  of,
  request,
  how,
  ready,
  ...rest
}: Closing & {
  of: Run;
  request: keyof typeof NEW_RUNS;
  /** What the request says besides its reason; throws what is wrong with it. */
  how: () => Record<string, unknown>;
  /** Changes whenever something else would be asked for. */
  ready: unknown;
  title: string;
  about: ComponentChildren;
  label: string;
  danger?: boolean;
  children?: ComponentChildren;
}) {
  const [asked, setAsked] = useState<{ run: ResetRun; of: unknown }>();
  const known = asked && asked.of === ready ? asked.run : undefined;
  return (
    <ActionDialog
      {...rest}
      label={known ? rest.label : "What would happen again?"}
      danger={known !== undefined && rest.danger}
      sequence={of.historyLength}
      send={async (asking) => {
        const answer = await post(
          NEW_RUNS[request],
          { id: of.id },
          { ...body(asking), ...how(), ...(known ? {} : { dryRun: true }) },
          seen(asking),
        );
        if ("approvalId" in answer) return pending(answer);
        if (known) return goesOn(answer);
        setAsked({ run: answer, of: ready });
        return undefined;
      }}
    >
      {rest.children}
      {known && <Again run={known} request={request} />}
    </ActionDialog>
  );
}

export function RetryWorkflowDialog({ of, ...closing }: Closing & { of: Run }) {
  return (
    <NewRunDialog
      {...closing}
      of={of}
      request="retry"
      how={() => ({})}
      ready=""
      title="Retry this workflow"
      about="It goes on in a new run, from behind the last activation that did not fail. The two runs name each other."
      label="Retry the workflow"
    />
  );
}

/** @param at the last event that is kept, by its number in the history */
export function ResetDialog({ of, events, at, ...closing }: Closing & { of: WorkflowExecution; events: Event[]; at?: number }) {
  const history = events.filter((event) => event.sequence);
  const [last, setLast] = useState(at ?? history.at(-1)?.sequence ?? 1);
  return (
    <NewRunDialog
      {...closing}
      of={of}
      request="reset"
      how={() => ({ toEvent: last })}
      ready={last}
      title="Reset this workflow"
      about="It goes on in a new run that keeps its history up to an event. This run is closed. Signals and settled promises behind the event are kept."
      label="Reset the workflow"
      danger
    >
      <label>
        Last event that is kept
        <select name="event" value={last} onChange={(e) => setLast(Number(e.currentTarget.value))}>
          {history.map((event) => (
            <option key={event.sequence} value={event.sequence ?? 0}>
              {event.sequence}: {words(event.eventType)}
            </option>
          ))}
        </select>
      </label>
    </NewRunDialog>
  );
}

export function RestartDialog(by: Closing & { of: WorkflowExecution }) {
  return (
    <NewInputDialog
      {...by}
      request="restart"
      title="Restart this workflow"
      about="A new run begins from the beginning. This run is closed."
      label="Restart the workflow"
    />
  );
}

export function ContinueAsNewDialog(by: Closing & { of: WorkflowExecution }) {
  return (
    <NewInputDialog
      {...by}
      request="continue-as-new"
      title="Continue this workflow as new"
      about="A new run begins without this history, and with the signals that no worker was shown yet. This run is closed."
      label="Continue as new"
    />
  );
}

interface NewInput {
  of: WorkflowExecution;
  request: "restart" | "continue-as-new";
  title: string;
  about: string;
  label: string;
}

function NewInputDialog({ of, ...rest }: Closing & NewInput) {
  const [other, setOther] = useState(false);
  const [input, setInput] = useState(() => filledIn(of.input));
  return (
    <NewRunDialog
      {...rest}
      of={of}
      how={() => (other ? { input: jsonOf(input, "the input") ?? null } : {})}
      ready={other ? input : ""}
      danger
    >
      <label class="check">
        <input type="checkbox" name="other" checked={other} onChange={(e) => setOther(e.currentTarget.checked)} />
        With another input
      </label>
      {other && (
        <JsonField name="input" label="Input, as JSON" rows={6} value={input} set={setInput} />
      )}
    </NewRunDialog>
  );
}

export function CancelTaskDialog({ of, ...closing }: Closing & { of: TaskExecution }) {
  return (
    <ActionDialog
      {...closing}
      title="Cancel this task"
      about="It ends, and its workflow, if it has one, is told."
      label="Cancel the task"
      keep="Keep it"
      danger
      version={of.version}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/task-executions/{id}/cancel", { id: of.id }, body(asking), seenVersion(asking));
        if ("approvalId" in answer) return pending(answer);
        return answer.cancelled ? "It is cancelled." : "It had ended already, and stays as it is.";
      }}
    />
  );
}

export function RetryTaskDialog({ of, ...closing }: Closing & { of: Pick<TaskExecution, "id" | "version"> }) {
  return (
    <ActionDialog
      {...closing}
      title="Retry this task"
      about="It gets its attempts and its time back, and is handed out at once."
      label="Retry the task"
      version={of.version}
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/task-executions/{id}/retry", { id: of.id }, body(asking), seenVersion(asking));
        return answer.retried ? "It is tried again." : "It has all its attempts, and waits for a worker.";
      }}
    />
  );
}

/**
 * @param awaited name of the signal that it waits for, as far as its worker says
 * @param known names of signals that it has had before
 */
export function SignalDialog({ id, awaited, known, ...closing }: Closing & { id: string; awaited: string; known: string[] }) {
  // The page may learn what it waits for only now.
  const [typed, type] = useState<string>();
  const name = typed ?? awaited;
  const [value, setValue] = useState("");
  const keyFor = useKeyFor();
  const names = useId();
  return (
    <ActionDialog
      {...closing}
      title="Signal this workflow"
      label="Send the signal"
      reasons={false}
      send={async () => {
        const signal = { signalName: name.trim(), signalValue: jsonOf(value, "the value") ?? null };
        const answer = await post("/api/orgs/{slug}/workflow-executions/{id}/signal", { id }, { ...signal, idempotencyKey: keyFor(signal) });
        return answer.delivered ? "The signal is delivered." : "The workflow had ended: no worker will see the signal.";
      }}
    >
      <label>
        Name
        <input
          type="text"
          name="name"
          required
          value={name}
          autofocus
          list={names}
          spellcheck={false}
          autocomplete="off"
          onFocus={(e) => typed === undefined && e.currentTarget.select()}
          onInput={(e) => type(e.currentTarget.value)}
        />
        <datalist id={names}>
          {[...new Set([awaited, ...known])].filter((each) => each).map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </label>
      <JsonField name="value" label="Value, as JSON" placeholder="null" value={value} set={setValue} />
    </ActionDialog>
  );
}

/** A promise that somebody may settle. */
export interface OpenPromise {
  id: string;
  name: string;
}

function settled(of: OpenPromise, answer: Settled, how: string): string {
  if (answer.settled) return `The promise ${of.name} is ${how}.`;
  return answer.alreadySettled
    ? `The promise ${of.name} was settled before, or had timed out: it stays as it is.`
    : `The workflow had ended without the promise ${of.name}: nothing settles it any more.`;
}

export function ResolveDialog({ of, ...closing }: Closing & { of: OpenPromise }) {
  const [value, setValue] = useState("");
  return (
    <ActionDialog
      {...closing}
      title={`Resolve the promise ${of.name}`}
      about="Its workflow goes on with the value. A promise is settled once, and for good."
      label="Resolve the promise"
      reasons={false}
      send={async () =>
        settled(of, await post("/api/orgs/{slug}/promises/{promise}/resolve", { promise: "id:" + of.id }, { value: jsonOf(value, "the value") }), "resolved")
      }
    >
      <JsonField name="value" label="Value, as JSON" placeholder="null" value={value} set={setValue} />
    </ActionDialog>
  );
}

export function RejectDialog({ of, ...closing }: Closing & { of: OpenPromise }) {
  const [error, setError] = useState("");
  return (
    <ActionDialog
      {...closing}
      title={`Reject the promise ${of.name}`}
      about="Its workflow hears of it as a failure. A promise is settled once, and for good."
      label="Reject the promise"
      reasons={false}
      danger
      send={async () =>
        settled(of, await post("/api/orgs/{slug}/promises/{promise}/reject", { promise: "id:" + of.id }, { error: error.trim() || undefined }), "rejected")
      }
    >
      <Field name="error" label="Why, for the workflow" value={error} set={setError} />
    </ActionDialog>
  );
}

/** Decides what somebody else asked for. */
export function DecideDialog({ id, what, approve, ...closing }: Closing & { id: string; what: string; approve: boolean }) {
  return (
    <ActionDialog
      {...closing}
      title={approve ? "Approve this request" : "Reject this request"}
      about={
        approve ? `${what} is carried out at once, in the name of who asked for it.` : `${what} is not carried out; who asked may ask again.`
      }
      label={approve ? "Approve and carry out" : "Reject"}
      danger={approve}
      send={async (asking) => {
        if (!approve) {
          await post("/api/orgs/{slug}/approvals/{id}/refuse", { id }, body(asking));
          return "It is rejected.";
        }
        const answer = await post("/api/orgs/{slug}/approvals/{id}/approve", { id }, body(asking));
        return answer.changed ? "It is approved and carried out." : "It is approved; what it was about was over already.";
      }}
    />
  );
}
