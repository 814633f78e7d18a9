// What may be said of how work is handed out, each with its reason.
import { useId, useState } from "preact/hooks";
import type { Kinds, Queues } from "@schema";
import { ActionDialog, body, Field, type Closing } from "./actions";
import { post } from "./api";

/** The version that was seen: what somebody else has changed meanwhile is left alone. */
type Seen = Closing & { seen: number };

const applied = (answer: { applied: boolean }) =>
  answer.applied ? "" : " Some partitions have not heard of it yet, and hand work out as before until they have.";

export function PauseQueueDialog({ queue, seen, ...closing }: Seen & { queue: string }) {
  return (
    <ActionDialog
      {...closing}
      title={`Pause the queue ${queue}`}
      about="No work of it is handed out until it is resumed. What workers have goes on, and new work waits."
      label="Pause the queue"
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/queues/{queue}/pause", { queue }, body(asking), { version: seen });
        return `${queue} ${answer.paused ? "is paused" : "was paused already"}.${applied(answer)}`;
      }}
    />
  );
}

export function ResumeQueueDialog({ queue, seen, ...closing }: Seen & { queue: string }) {
  return (
    <ActionDialog
      {...closing}
      title={`Resume the queue ${queue}`}
      about="Workers that wait get its work at once."
      label="Resume the queue"
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/queues/{queue}/resume", { queue }, body(asking), { version: seen });
        return `${queue} ${answer.resumed ? "is resumed" : "was not paused"}.${applied(answer)}`;
      }}
    />
  );
}

/** How much of a queue is handed out, as the server tells it. */
export type Limit = Queues["queues"][number]["limit"];

/** An empty field says nothing. What is no whole number the server refuses, and says what it expected. */
const whole = (text: string) => (text.trim() === "" ? null : Number(text));

export function LimitQueueDialog({ queue, limit, seen, ...closing }: Seen & { queue: string; limit: Limit }) {
  const [wanted, set] = useState({
    inFlight: String(limit?.inFlight ?? ""),
    rate: String(limit?.rate ?? ""),
    burst: String(limit?.burst ?? ""),
    fairBy: limit?.fairBy ?? "",
  });
  const field = (name: keyof typeof wanted, label: string, placeholder: string, type = "number") => (
    <Field name={name} label={label} placeholder={placeholder} type={type} value={wanted[name]} set={(value) => set((old) => ({ ...old, [name]: value }))} />
  );
  return (
    <ActionDialog
      {...closing}
      title={`Limit the queue ${queue}`}
      about="Not more than this is handed out, workflows and tasks together. What workers have goes on, and the rest waits."
      label="Limit the queue"
      send={async (asking) => {
        const answer = await post(
          "/api/orgs/{slug}/queues/{queue}/limit",
          { queue },
          {
            ...body(asking),
            inFlight: whole(wanted.inFlight),
            rate: whole(wanted.rate),
            burst: whole(wanted.burst),
            fairBy: wanted.fairBy.trim() || null,
          },
          { version: seen },
        );
        return `${queue} ${answer.limited ? "is limited" : "was limited so already"}.${applied(answer)}`;
      }}
    >
      {field("inFlight", "At once with workers", "however many")}
      {field("rate", "In a second", "however many")}
      {field("burst", "At once after a lull", "as many as in a second")}
      {field("fairBy", "In turn by this key of the metadata", "the oldest first", "text")}
    </ActionDialog>
  );
}

export function UnlimitQueueDialog({ queue, seen, ...closing }: Seen & { queue: string }) {
  return (
    <ActionDialog
      {...closing}
      title={`Lift the limits of the queue ${queue}`}
      about="However much there is of it, it is handed out."
      label="Lift the limits"
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/queues/{queue}/unlimit", { queue }, body(asking), { version: seen });
        return `${queue} ${answer.unlimited ? "is not limited any more" : "was not limited"}.${applied(answer)}`;
      }}
    />
  );
}

/** Of a kind, whichever work it is of. */
export type KindOf = { kind: string; workType: "WORKFLOW" | "TASK" };

/** @param known kinds that somebody may mean, and what is said of some already */
export function PauseKindDialog({ known, held, ...closing }: Closing & { known: KindOf[]; held: Kinds["kinds"] }) {
  const [workType, setWorkType] = useState<KindOf["workType"]>("WORKFLOW");
  const [kind, setKind] = useState("");
  const names = useId();
  const path = workType === "TASK" ? "/api/orgs/{slug}/task-kinds/{kind}/pause" : "/api/orgs/{slug}/workflow-kinds/{kind}/pause";
  const version = () => held.find((one) => one.workType === workType && one.kind === kind.trim())?.policyVersion ?? 0;
  return (
    <ActionDialog
      {...closing}
      title="Pause a kind"
      about="No work of the kind is handed out, in whichever queue it is, until it is resumed. What workers have goes on, and new work waits."
      label="Pause the kind"
      send={async (asking) => {
        const answer = await post(path, { kind: kind.trim() }, body(asking), { version: version() });
        return `${kind.trim()} ${answer.paused ? "is paused" : "was paused already"}.${applied(answer)}`;
      }}
    >
      <label>
        Of
        <select name="workType" value={workType} onChange={(e) => setWorkType(e.currentTarget.value as KindOf["workType"])}>
          <option value="WORKFLOW">workflows</option>
          <option value="TASK">tasks</option>
        </select>
      </label>
      <label>
        Kind
        <input type="text" name="kind" required autofocus list={names} value={kind} spellcheck={false} onInput={(e) => setKind(e.currentTarget.value)} />
        <datalist id={names}>
          {known
            .filter((one) => one.workType === workType)
            .map((one) => (
              <option key={one.kind} value={one.kind} />
            ))}
        </datalist>
      </label>
    </ActionDialog>
  );
}

export function ResumeKindDialog({ kind, workType, seen, ...closing }: Seen & KindOf) {
  const path = workType === "TASK" ? "/api/orgs/{slug}/task-kinds/{kind}/resume" : "/api/orgs/{slug}/workflow-kinds/{kind}/resume";
  return (
    <ActionDialog
      {...closing}
      title={`Resume the kind ${kind}`}
      about="Workers that wait get its work at once."
      label="Resume the kind"
      send={async (asking) => {
        const answer = await post(path, { kind }, body(asking), { version: seen });
        return `${kind} ${answer.resumed ? "is resumed" : "was not paused"}.${applied(answer)}`;
      }}
    />
  );
}

export function DrainDialog({ id, name, seen, ...closing }: Seen & { id: string; name: string }) {
  return (
    <ActionDialog
      {...closing}
      title={`Drain the worker ${name}`}
      about="It gets nothing new. What it has goes on, and is shown here until it has nothing left."
      label="Drain the worker"
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/workers/{id}/drain", { id }, body(asking), { version: seen });
        return `${name} ${answer.draining ? "is drained" : "was drained already"}.${applied(answer)}`;
      }}
    />
  );
}

export function UndrainDialog({ id, name, seen, ...closing }: Seen & { id: string; name: string }) {
  return (
    <ActionDialog
      {...closing}
      title={`Give the worker ${name} work again`}
      about="It gets work with its next poll."
      label="Give it work again"
      send={async (asking) => {
        const answer = await post("/api/orgs/{slug}/workers/{id}/undrain", { id }, body(asking), { version: seen });
        return `${name} ${answer.undrained ? "gets work again" : "was not drained"}.${applied(answer)}`;
      }}
    />
  );
}
