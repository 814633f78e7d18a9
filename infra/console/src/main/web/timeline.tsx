// What happened when, drawn: a bar for each attempt, each timer, each wait, in the order in which they began.
import { useMemo, useState } from "preact/hooks";
import type { Event } from "@schema";
import { useNow } from "./hooks";
import { local, ms, span, words } from "./text";

type Tone = "work" | "wait" | "good" | "bad" | "off" | "sign";

interface Bar {
  from: number;
  /** 0: it goes on. */
  to: number;
  tone: Tone;
  title: string;
}

export interface Lane {
  key: string;
  name: string;
  kind: string;
  href?: string;
  bars: Bar[];
}

type Fields = Record<string, unknown>;

const text = (data: Fields, name: string) => (typeof data[name] === "string" ? (data[name] as string) : "");

/** Puts events, all of them and in their order, into lanes. */
export function lanes(events: Event[], link: (type: "task" | "workflow", id: string) => string): Lane[] {
  const all = new Map<string, Lane>();
  const lane = (key: string, name: string, kind: string, href?: string): Lane => {
    let found = all.get(key);
    if (!found) all.set(key, (found = { key, name, kind, href, bars: [] }));
    return found;
  };
  const begin = (at: Lane, from: number, tone: Tone, title: string) => at.bars.push({ from, to: 0, tone, title });
  const end = (at: Lane | undefined, to: number, tone?: Tone, title?: string) => {
    const last = at?.bars.at(-1);
    if (last && last.to === 0) {
      last.to = Math.max(to, last.from);
      if (tone) last.tone = tone;
      if (title) last.title += ", " + title;
    }
  };
  const own = lane("workflow", "Workflow", "workflow");
  for (const event of events) {
    const time = ms(event.timestamp);
    const data = event.data as Fields;
    const id = event.taskExecutionId ?? text(data, "taskExecutionId");
    const task = id ? all.get("task " + id) : undefined;
    switch (event.eventType) {
      case "WORKFLOW_STARTED":
      case "WORKFLOW_READY":
        end(own, time);
        begin(own, time, "wait", "waits for a worker");
        break;
      case "WORK_CLAIMED":
        end(own, time);
        begin(own, time, "work", `with worker ${text(data, "workerId")}`);
        break;
      case "WORKFLOW_SUSPENDED":
        end(own, time);
        begin(own, time, "off", "waits for what it asked for");
        break;
      case "CLAIM_RELEASED":
      case "LEASE_EXPIRED":
      case "SUBMISSION_DISCARDED":
      case "SUBMISSION_REFUSED":
        end(own, time, "bad", words(event.eventType) + (text(data, "reason") ? ": " + text(data, "reason") : ""));
        break;
      case "WORKFLOW_COMPLETED":
        end(own, time, undefined, "completed");
        own.bars.push({ from: time, to: time, tone: "good", title: "Completed" });
        break;
      case "WORKFLOW_EXECUTION_FAILED":
      case "WORKFLOW_CANCELLED":
        end(own, time);
        own.bars.push({ from: time, to: time, tone: "bad", title: words(event.eventType) });
        break;
      case "SIGNAL_RECEIVED":
      case "SIGNAL_NOT_DELIVERED":
        lane("signal " + text(data, "signalName"), text(data, "signalName"), "signal").bars.push({
          from: time,
          to: time,
          tone: event.eventType === "SIGNAL_RECEIVED" ? "sign" : "bad",
          title: words(event.eventType),
        });
        break;
      case "TASK_SCHEDULED":
      case "TASK_SUBMITTED":
        begin(lane("task " + id, text(data, "kind"), "task", link("task", id)), time, "wait", "waits for a worker");
        break;
      case "TASK_READY":
        if (task && task.bars.at(-1)?.to !== 0) begin(task, time, "wait", "waits for a worker");
        break;
      case "TASK_CLAIMED":
        end(task, time);
        if (task) begin(task, time, "work", `attempt ${String(data["attempt"] ?? "")} with worker ${text(data, "workerId")}`);
        break;
      case "TASK_CLAIM_RELEASED":
        end(task, time, "off", "given back");
        break;
      case "TASK_ATTEMPT_FAILED":
        end(task, time, "bad", "failed: " + text(data, "error"));
        if (task) begin(task, time, "wait", "waits for its next attempt");
        break;
      case "TASK_COMPLETED":
        end(task, time, "good", "completed");
        break;
      case "TASK_FAILED":
        end(task, time, "bad", "failed: " + text(data, "error"));
        break;
      case "TASK_CANCELLED":
        end(task, time, "bad", "cancelled");
        break;
      case "TIMER_STARTED":
        begin(lane("timer " + text(data, "timerId"), text(data, "timerId"), "timer"), time, "off", "timer");
        break;
      case "TIMER_FIRED":
        end(all.get("timer " + text(data, "timerId")), time, undefined, "fired");
        break;
      case "TIMER_CANCELLED":
        end(all.get("timer " + text(data, "timerId")), time, "bad", "cancelled");
        break;
      case "PROMISE_CREATED":
        begin(lane("promise " + text(data, "promiseId"), text(data, "promiseName"), "promise"), time, "off", "promise");
        break;
      case "PROMISE_RESOLVED":
        end(all.get("promise " + text(data, "promiseId")), time, "good", "resolved");
        break;
      case "PROMISE_REJECTED":
      case "PROMISE_TIMEOUT":
        end(all.get("promise " + text(data, "promiseId")), time, "bad", words(event.eventType));
        break;
      case "CHILD_WORKFLOW_INITIATED": {
        const child = text(data, "childWorkflowExecutionId");
        const name = text(data, "childExecutionName") || text(data, "childWorkflowKind");
        begin(
          lane("child " + text(data, "childExecutionName"), name, "child", child ? link("workflow", child) : undefined),
          time,
          "work",
          "child workflow",
        );
        break;
      }
      case "CHILD_WORKFLOW_COMPLETED":
        end(all.get("child " + text(data, "childExecutionName")), time, "good", "completed");
        break;
      case "CHILD_WORKFLOW_FAILED":
        end(all.get("child " + text(data, "childExecutionName")), time, "bad", "failed");
        break;
    }
  }
  return [...all.values()].filter((each) => each.bars.length > 0);
}

const ROW = 30;
const WIDTH = 1_000;
const MOST = 200;

export function Timeline({
  events,
  link,
  closedAt,
}: {
  events: Event[];
  link: (type: "task" | "workflow", id: string) => string;
  closedAt: string | null;
}) {
  const now = useNow(closedAt ? 3_600_000 : 1_000);
  const all = useMemo(() => lanes(events, link), [events]);
  const [told, tell] = useState("");
  const [whole, setWhole] = useState(false);
  const times = events.map((event) => ms(event.timestamp));
  const first = Math.min(...times);
  const busy = Math.max(...times);
  const end = closedAt ? busy : Math.max(now, busy);
  // Where it has waited far longer than anything took, that wait would press all else to nothing.
  const idle = !closedAt && end - busy > 4 * (busy - first) + 5_000;
  const last = idle && !whole ? busy + Math.max(1, (busy - first) / 5) : end;
  const length = Math.max(1, last - first);
  const x = (time: number) => ((Math.min(time, last) - first) / length) * WIDTH;
  if (all.length === 0) return <p class="none">Nothing has happened yet.</p>;
  const shown = all.slice(0, MOST);
  return (
    <div class="timeline">
      <div class="lanes" role="list" aria-label="What happened when">
        <div class="scale" aria-hidden="true">
          {[0, 0.25, 0.5, 0.75, 1].map((part) => (
            <span key={part}>{part === 0 ? "0" : span(length * part)}</span>
          ))}
        </div>
        {shown.map((each) => (
          <div class="lane" role="listitem" key={each.key}>
            <span class="name" title={each.name}>
              <i class={"sort " + each.kind}>{each.kind}</i>
              {each.href ? <a href={each.href}>{each.name}</a> : each.name}
            </span>
            <svg viewBox={`0 0 ${WIDTH} ${ROW}`} preserveAspectRatio="none" aria-hidden="true">
              <line x1="0" x2={WIDTH} y1={ROW / 2} y2={ROW / 2} class="rail" />
              {each.bars.map((bar, i) => {
                const point = bar.to === bar.from;
                const width = Math.max(point ? 5 : 3, x(bar.to || last) - x(bar.from));
                return (
                  <rect
                    key={i}
                    class={"bar " + bar.tone + (bar.to === 0 ? " going" : "")}
                    x={Math.min(x(bar.from), WIDTH - width)}
                    y={bar.tone === "off" || bar.tone === "wait" ? ROW / 2 - 4 : 6}
                    width={width}
                    height={bar.tone === "off" || bar.tone === "wait" ? 8 : ROW - 12}
                    rx="2"
                    onMouseEnter={() => tell(describe(each, bar, end))}
                    onMouseLeave={() => tell("")}
                  />
                );
              })}
            </svg>
            <span class="hidden">{each.bars.map((bar) => describe(each, bar, end)).join("; ")}</span>
          </div>
        ))}
      </div>
      <p class="legend">
        {told || (
          <>
            <i class="bar work" /> at work <i class="bar good" /> well <i class="bar bad" /> failed{" "}
            <i class="bar wait" /> waits for a worker <i class="bar off" /> waits for something else{" "}
            <i class="bar sign" /> signal
          </>
        )}
      </p>
      {idle && (
        <button type="button" onClick={() => setWhole(!whole)}>
          {whole ? "Only until something last happened" : `All, with the ${span(end - busy)} since something last happened`}
        </button>
      )}
      {all.length > MOST && <p class="soft">{all.length - MOST} more are not drawn; the events have them.</p>}
    </div>
  );
}

function describe(lane: Lane, bar: Bar, end: number): string {
  const took = bar.to === bar.from ? "" : `, ${span((bar.to || end) - bar.from)}${bar.to === 0 ? " so far" : ""}`;
  return `${lane.kind} ${lane.name}: ${bar.title}${took}, from ${local(bar.from)}`;
}

