// How a workflow stood after each of its events, made of the events alone.
import type { Event } from "@schema";
import { local, ms, words } from "./text";

/** What there was to say, by name. */
export type Stand = Map<string, string>;

type Fields = Record<string, unknown>;

const text = (data: Fields, name: string) => (typeof data[name] === "string" ? (data[name] as string) : "");
const json = (value: unknown) => JSON.stringify(value) ?? "null";

/** Changes how it stands by what happened. What an event says nothing of stays as it was. */
function apply(stand: Stand, names: Map<string, string>, event: Event) {
  const data = event.data as Fields;
  const time = ms(event.timestamp);
  const id = event.taskExecutionId ?? text(data, "taskExecutionId");
  const task = names.get(id) ?? "task " + id;
  const promise = "promise " + text(data, "promiseName");
  const timer = "timer " + text(data, "timerId");
  const child = "child " + text(data, "childExecutionName");
  const status = (value: string) => stand.set("status", value);
  const ready = () => {
    status("Pending");
    stand.delete("worker");
  };
  const ended = (value: string) => {
    status(value);
    for (const name of [...stand.keys()]) if (/^(worker|paused|timer .*|cancelled by force)$/.test(name)) stand.delete(name);
    stand.set("ended", local(time));
  };
  switch (event.eventType) {
    case "WORKFLOW_STARTED":
      status("Pending");
      stand.set("started", local(time));
      stand.set("input", json(data["input"]));
      if (text(data, "resetFrom")) stand.set("goes on from", text(data, "resetFrom"));
      break;
    case "WORKFLOW_READY":
      ready();
      break;
    case "WORK_CLAIMED":
      status("Running");
      stand.set("worker", text(data, "workerId"));
      break;
    case "CLAIM_RELEASED":
    case "LEASE_EXPIRED":
    case "SUBMISSION_DISCARDED":
      ready();
      break;
    case "WORKFLOW_SUSPENDED":
      status("Waiting");
      stand.delete("worker");
      if (text(data, "reason")) stand.set("its worker says", text(data, "reason"));
      else stand.delete("its worker says");
      break;
    case "WORKFLOW_PAUSED":
      stand.set("paused", "by " + text(data, "requestedBy") + (text(data, "reason") ? ": " + text(data, "reason") : ""));
      break;
    case "WORKFLOW_RESUMED":
      stand.delete("paused");
      break;
    case "CANCELLATION_REQUESTED":
      stand.set("asked to end", "by " + text(data, "requestedBy") + (text(data, "reason") ? ": " + text(data, "reason") : ""));
      if (typeof data["forceAtMs"] === "number") stand.set("cancelled by force", local(data["forceAtMs"] as number));
      break;
    case "WORKFLOW_COMPLETED":
      ended("Completed");
      stand.set("output", json(data["output"]));
      break;
    case "WORKFLOW_CANCELLED":
      ended(text(data, "terminatedBy") ? "Cancelled, terminated by " + text(data, "terminatedBy") : "Cancelled");
      stand.set("error", text(data, "reason"));
      break;
    case "WORKFLOW_EXECUTION_FAILED":
      // Behind another end it only tells clients that look for nothing else.
      if (/^(Cancelled|Continued)/.test(stand.get("status") ?? "")) break;
      ended("Failed");
      stand.set("error", text(data, "error"));
      break;
    case "WORKFLOW_CONTINUED_AS_NEW":
      ended("Continued as new");
      stand.set("goes on as", text(data, "newExecutionId"));
      break;
    case "WORKFLOW_RESET":
      stand.set("goes on as", text(data, "newExecutionId"));
      break;
    case "STATE_SET":
      stand.set("state " + text(data, "key"), json(data["value"]));
      break;
    case "STATE_CLEARED":
      stand.delete("state " + text(data, "key"));
      break;
    case "SIGNAL_RECEIVED": {
      const name = "signal " + text(data, "signalName");
      stand.set(name, (stand.has(name) ? stand.get(name) + ", " : "") + json(data["signalValue"]));
      break;
    }
    case "OPERATION_COMPLETED":
      stand.set("operation " + text(data, "operationName"), json(data["result"]));
      break;
    case "TASK_SCHEDULED":
    case "TASK_SUBMITTED":
      names.set(id, `task ${text(data, "kind")} ${id.slice(-6)}`);
      stand.set(names.get(id) ?? task, "waits for a worker");
      break;
    case "TASK_CLAIMED":
      stand.set(task, `attempt ${String(data["attempt"] ?? "")} with ${text(data, "workerId")}`);
      break;
    case "TASK_CLAIM_RELEASED":
    case "TASK_RETRIED":
      stand.set(task, "waits for a worker");
      break;
    case "TASK_ATTEMPT_FAILED":
      stand.set(task, `waits after attempt ${String(data["attempt"] ?? "")} failed: ${text(data, "error")}`);
      break;
    case "TASK_COMPLETED":
      stand.set(task, "completed: " + json(data["output"]));
      break;
    case "TASK_FAILED":
      stand.set(task, "failed: " + text(data, "error"));
      break;
    case "TASK_CANCELLED":
      stand.set(task, "cancelled");
      break;
    case "TIMER_STARTED": {
      const since = typeof data["sinceMs"] === "number" ? (data["sinceMs"] as number) : time;
      stand.set(timer, "due " + local(since + Number(data["durationMs"] ?? 0)));
      break;
    }
    case "TIMER_FIRED":
    case "TIMER_CANCELLED":
      stand.delete(timer);
      break;
    case "PROMISE_CREATED":
      stand.set(promise, "open");
      break;
    case "PROMISE_RESOLVED":
      stand.set(promise, "resolved: " + json(data["value"]));
      break;
    case "PROMISE_REJECTED":
      stand.set(promise, "rejected: " + text(data, "error"));
      break;
    case "PROMISE_TIMEOUT":
      stand.set(promise, "timed out");
      break;
    case "CHILD_WORKFLOW_INITIATED":
      stand.set(child, "open");
      break;
    case "CHILD_WORKFLOW_COMPLETED":
      stand.set(child, "completed: " + json(data["output"]));
      break;
    case "CHILD_WORKFLOW_FAILED":
      stand.set(child, "failed: " + text(data, "error"));
      break;
  }
}

/** @returns how it stood with the first events, so many of them */
export function standOf(events: Event[], count: number): Stand {
  const stand: Stand = new Map();
  const names = new Map<string, string>();
  for (const event of events.slice(0, count)) apply(stand, names, event);
  return stand;
}

export interface Line {
  name: string;
  value: string | undefined;
  before: string | undefined;
}

/** @returns all that there is or was just before, with what has changed */
export function lines(before: Stand, now: Stand): Line[] {
  const all = [...now.keys(), ...[...before.keys()].filter((name) => !now.has(name))];
  return all.map((name) => ({ name, value: now.get(name), before: before.get(name) }));
}

/** @returns what an event is called, for people */
export function named(event: Event): string {
  return words(event.eventType) + (event.sequence ? ` (${event.sequence} of the history)` : "");
}
