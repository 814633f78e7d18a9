// What happened when, drawn: a bar for each attempt, each timer, each wait, in the order in which they began.
import { useMemo, useState } from "preact/hooks";
import type { Event } from "@schema";
import { useNow } from "./hooks";
import { local, ms, span, words } from "./text";
import type { NameOf } from "./worker-names";

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
export function lanes(events: Event[], link: (type: "task" | "workflow", id: string) => string, nameOf: NameOf): Lane[] {
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
        begin(own, time, "work", `with worker ${nameOf(text(data, "workerId"))}`);
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
      case "WORKFLOW_CONTINUED_AS_NEW":
        end(own, time, undefined, "continued as new");
        own.bars.push({ from: time, to: time, tone: "good", title: "Continued as new" });
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
        if (task) begin(task, time, "work", `attempt ${String(data["attempt"] ?? "")} with worker ${nameOf(text(data, "workerId"))}`);
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
/** Of bars without length and of one tone nobody can tell apart those that are nearer to each other. */
const APART = 5;
/** So many bars of a lane are told to those who do not see them. */
const TOLD = 100;

export function Timeline({
  events,
  link,
  nameOf,
  closedAt,
}: {
  events: Event[];
  link: (type: "task" | "workflow", id: string) => string;
  nameOf: NameOf;
  closedAt: string | null;
}) {
  const now = useNow(closedAt ? 3_600_000 : 1_000);
  const all = useMemo(() => lanes(events, link, nameOf), [events, nameOf]);
  const [told, tell] = useState("");
  const [whole, setWhole] = useState(false);
  const [first, busy] = useMemo(() => {
    // One by one: so many arguments as there may be events, no function takes.
    let earliest = Infinity;
    let latest = -Infinity;
    for (const event of events) {
      const time = ms(event.timestamp);
      earliest = Math.min(earliest, time);
      latest = Math.max(latest, time);
    }
    return [earliest, latest];
  }, [events]);
  const end = closedAt ? busy : Math.max(now, busy);
  // Where it has waited far longer than anything took, that wait would press all else to nothing.
  const idle = !closedAt && end - busy > 4 * (busy - first) + 5_000;
  const last = idle && !whole ? busy + Math.max(1, (busy - first) / 5) : end;
  const length = Math.max(1, last - first);
  if (all.length === 0) return <p class="none">Nothing has happened yet.</p>;
  const shown = all.slice(0, MOST);
  return (
    <div class="timeline">
      <div class="lanes" role="list" aria-label="What happened when">
        <div class="scale" aria-hidden="true">
          {[0, 0.25, 0.5, 0.75, 1].map((part) => (
            <span key={part}>{part === 0 ? "0" : length < 4 && part < 1 ? "" : span(length * part)}</span>
          ))}
        </div>
        {shown.map((each) => (
          <Drawn key={each.key} lane={each} first={first} last={last} end={end} tell={tell} />
        ))}
      </div>
      <p class="legend">
        {told || (
          <>
            <i class="bar work" /> at work <i class="bar good" /> completed <i class="bar bad" /> failed{" "}
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

/** One lane. It is drawn anew only where something of it has changed: there may be thousands of bars, and the time passes. */
function Drawn({ lane, first, last, end, tell }: { lane: Lane; first: number; last: number; end: number; tell: (text: string) => void }) {
  const going = lane.bars.some((bar) => bar.to === 0);
  const [open, setOpen] = useState(false);
  const drawn = useMemo(() => {
    const x = (time: number) => ((Math.min(time, last) - first) / Math.max(1, last - first)) * WIDTH;
    const points = new Map<Tone, number>();
    const apart = (bar: Bar) => {
      if (bar.to !== bar.from) return true;
      const at = x(bar.from);
      if (at - (points.get(bar.tone) ?? -WIDTH) < APART) return false;
      points.set(bar.tone, at);
      return true;
    };
    return (
      <>
        <svg viewBox={`0 0 ${WIDTH} ${ROW}`} preserveAspectRatio="none" aria-hidden="true" onClick={() => setOpen((is) => !is)}>
          <line x1="0" x2={WIDTH} y1={ROW / 2} y2={ROW / 2} class="rail" />
          {lane.bars.filter(apart).map((bar, i) => {
            const point = bar.to === bar.from;
            const width = Math.max(point ? 5 : 3, x(bar.to || last) - x(bar.from));
            const thin = bar.tone === "off" || bar.tone === "wait";
            return (
              <rect
                key={i}
                class={"bar " + bar.tone + (bar.to === 0 ? " going" : "")}
                x={Math.min(x(bar.from), WIDTH - width)}
                y={thin ? ROW / 2 - 4 : 6}
                width={width}
                height={thin ? 8 : ROW - 12}
                rx="2"
                onMouseEnter={() => tell(describe(lane, bar, end))}
                onMouseLeave={() => tell("")}
              />
            );
          })}
        </svg>
        <span class="hidden">
          {lane.bars
            .slice(0, TOLD)
            .map((bar) => describe(lane, bar, end))
            .join("; ")}
          {lane.bars.length > TOLD && `; and ${lane.bars.length - TOLD} more, which the events have`}
        </span>
      </>
    );
  }, [lane, first, last, going ? end : 0]);
  return (
    <div class="lane" role="listitem">
      <span class="name" title={lane.name}>
        <button
          type="button"
          class="plain small twig"
          aria-expanded={open}
          aria-label={`Each part of ${lane.kind} ${lane.name}`}
          onClick={() => setOpen(!open)}
        >
          {open ? "−" : "+"}
        </button>
        <i class={"sort " + lane.kind}>{lane.kind}</i>
        {lane.href ? <a href={lane.href}>{lane.name}</a> : lane.name}
      </span>
      {drawn}
      {open && <Bars of={lane} first={first} end={end} />}
    </div>
  );
}

/** The bars of a lane as texts, one below the other. */
function Bars({ of, first, end }: { of: Lane; first: number; end: number }) {
  return (
    <ol class="bars">
      {of.bars.slice(0, TOLD).map((bar, i) => (
        <li key={i}>
          <i class={"bar " + bar.tone} />
          <time dateTime={new Date(bar.from).toISOString()} title={local(bar.from)}>
            +{span(bar.from - first)}
          </time>
          <span class="took">{bar.to === bar.from ? "" : span((bar.to || end) - bar.from) + (bar.to === 0 ? " so far" : "")}</span>
          <span class="what">{bar.title}</span>
        </li>
      ))}
      {of.bars.length > TOLD && <li class="soft">{of.bars.length - TOLD} more; the events have them.</li>}
    </ol>
  );
}

function describe(lane: Lane, bar: Bar, end: number): string {
  const took = bar.to === bar.from ? "" : `, ${span((bar.to || end) - bar.from)}${bar.to === 0 ? " so far" : ""}`;
  return `${lane.kind} ${lane.name}: ${bar.title}${took}, from ${local(bar.from)}`;
}
