// Small parts that several pages are made of.
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ReadModel, Status as StatusName } from "@schema";
import { get } from "./api";
import { type ApiError } from "./api-error";
import { type Sending, useData, useNow } from "./hooks";
import { ago, local, ms, number, span, words } from "./text";

const SHAPES: Record<StatusName, string> = {
  PENDING: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM8 5.5V8l1.8 1.2",
  RUNNING: "M6 4.5v7l5.5-3.5z",
  WAITING: "M5.5 4.5v7M10.5 4.5v7",
  COMPLETED: "M4 8.5l2.8 2.8L12.2 5",
  FAILED: "M5 5l6 6M11 5l-6 6",
  CANCELLED: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM5 11l6-6",
  CONTINUED_AS_NEW: "M3.5 8h8.5M8.5 4.5L12 8l-3.5 3.5",
};

/** A status by its colour, its shape and its name: no one of them is needed to tell it. */
export function Status({ of, how, brief, title }: { of: StatusName; how?: string; brief?: boolean; title?: string }) {
  return (
    <span class={"status " + of.toLowerCase()} title={title}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={SHAPES[of]} />
      </svg>
      {brief && how ? words(how) : words(of)}
      {how && !brief && <i>{how}</i>}
    </span>
  );
}

/** The status of a workflow, and how it came about where SDKs know one status for several ways. */
export function WorkflowStatus({
  of,
  brief,
}: {
  of: { status: StatusName; terminatedBy: string | null; resetTo: string | null; error: string | null; pausedAt?: string | null };
  /** Only how it came about, where that says all. */
  brief?: boolean;
}) {
  if (of.terminatedBy) return <Status of={of.status} how="terminated" brief={brief} title={"Cancelled: terminated by " + of.terminatedBy} />;
  if (of.status === "CANCELLED" && of.resetTo && of.error?.startsWith("Reset: ")) {
    return <Status of={of.status} how="reset" brief={brief} title={"Cancelled: goes on as " + of.resetTo} />;
  }
  return <Status of={of.status} how={of.pausedAt ? "paused" : undefined} />;
}

/** How long ago; the exact time stands in its title. */
export function Ago({ time }: { time: string | null | undefined }) {
  const now = useNow(5_000);
  if (!time) return <span class="none">–</span>;
  return (
    <time dateTime={time} title={local(ms(time)) + " · " + time}>
      {ago(ms(time), Math.max(now, Date.now()))}
    </time>
  );
}

/** A moment, exactly. */
export function Moment({ time }: { time: string | null | undefined }) {
  if (!time) return <span class="none">–</span>;
  return (
    <time dateTime={time} title={time}>
      {local(ms(time))} <span class="soft">(<Ago time={time} />)</span>
    </time>
  );
}

/** How long something took, or has been going on. */
export function Took({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  const now = useNow(to ? 3_600_000 : 1_000);
  if (!from) return <span class="none">–</span>;
  return <span class={to ? "" : "going"}>{span((to ? ms(to) : Math.max(now, ms(from))) - ms(from))}</span>;
}

export function Short({ id, href }: { id: string; href: string }) {
  return (
    <a class="id" href={href} title={id}>
      {id.slice(0, 8)}…{id.slice(-6)}
    </a>
  );
}

export function Copy({ text, label }: { text: string; label: string }) {
  const [done, set] = useState(false);
  return (
    <button
      type="button"
      class="plain small"
      aria-label={label}
      onClick={() => {
        void navigator.clipboard?.writeText(text).then(() => {
          set(true);
          setTimeout(() => set(false), 1_500);
        });
      }}
    >
      {done ? "copied" : "copy"}
    </button>
  );
}

export function Problem({ error, again }: { error: ApiError | undefined; again?: () => void }) {
  if (!error) return null;
  return (
    <div class="problem" role="alert">
      <p>{error.message}</p>
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Loading() {
  return (
    <p class="loading" role="status">
      Loading…
    </p>
  );
}

/** Says how far lists are behind, where that is worth a word. */
export function Lag() {
  const { value } = useData<ReadModel>((signal) => get("/api/orgs/{slug}/read-model", {}, {}, signal), [], 5_000);
  if (!value) return null;
  const behind = value.lagRecords > 0 && value.lagMillis > 1_000;
  const parts = [
    behind ? `Lists are ${span(value.lagMillis)} behind, by ${number(value.lagRecords)} records.` : "",
    value.passedOver > 0 ? `${number(value.passedOver)} records could not be taken in.` : "",
    value.breaks > 0 ? `${number(value.breaks)} outcomes do not fit the log, and were not believed.` : "",
  ].filter((part) => part);
  if (parts.length === 0) return null;
  return (
    <p class="lag" role="status">
      {parts.join(" ")}
    </p>
  );
}

/** A payload, indented. */
export function Payload({ value, name }: { value: unknown; name: string }) {
  if (value === undefined || value === null) return <p class="none">none</p>;
  const text = JSON.stringify(value, null, 2);
  return (
    <div class="payload">
      <Copy text={text} label={"Copy " + name} />
      <pre tabIndex={0} aria-label={name}>
        {text}
      </pre>
    </div>
  );
}

/** Label and value side by side. */
export function Facts({ rows }: { rows: Array<[ComponentChildren, ComponentChildren]> }) {
  return (
    <dl class="facts">
      {rows.map(([label, value], i) => (
        <div key={typeof label === "string" ? label : i}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Tabs({
  label,
  tabs,
  chosen,
  choose,
}: {
  label: string;
  tabs: Array<{ id: string; title: string; count?: number }>;
  chosen: string;
  choose: (id: string) => void;
}) {
  const move = (by: number) => {
    const at = tabs.findIndex((tab) => tab.id === chosen);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (next) {
      choose(next.id);
      document.getElementById("tab-" + next.id)?.focus();
    }
  };
  return (
    <div class="tabs" role="tablist" aria-label={label}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          id={"tab-" + tab.id}
          type="button"
          role="tab"
          aria-selected={tab.id === chosen}
          aria-controls={"panel"}
          tabIndex={tab.id === chosen ? 0 : -1}
          onClick={() => choose(tab.id)}
          onKeyDown={(e) => {
            if (e.key === "ArrowRight") move(1);
            if (e.key === "ArrowLeft") move(-1);
          }}
        >
          {tab.title}
          {tab.count !== undefined && <span class="count">{number(tab.count)}</span>}
        </button>
      ))}
    </div>
  );
}

/** A dialog of the browser, so that focus and Escape are its business. */
export function Dialog({
  title,
  close,
  children,
}: {
  title: string;
  close: () => void;
  children: ComponentChildren;
}) {
  const at = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const left = useRef(false);
  // Before anybody can see or touch the page again: until then the dialog would stand there closed, and its fields could not be used.
  useLayoutEffect(() => {
    const dialog = at.current;
    dialog?.showModal();
    return () => {
      left.current = true;
      dialog?.close();
    };
  }, []);
  // The browser tells of a close later. By then this dialog may have left the page, and close() would close the one that came after it.
  const closed = () => {
    if (!left.current) close();
  };
  return (
    <dialog ref={at} aria-labelledby={heading} onCancel={close} onClose={closed}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Gives a text to the browser as a file. */
export function download(name: string, text: string, type = "application/json") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** What was seen when, milliseconds since the epoch. */
export interface Sight {
  at: number;
  value: number;
}

/** @returns the sights with another one, without those that are older than what a line shows */
export function seen(before: Sight[] | undefined, value: number, at = Date.now()): Sight[] {
  return [...(before ?? []).filter((one) => at - one.at <= SHOWN), { at, value }];
}

/** So far back goes a line, milliseconds. */
const SHOWN = 10 * 60_000;

/**
 * A line of what was seen lately. The highest stands below it.
 *
 * @param straight whether it goes straight from one sight to the next; otherwise each value holds until then
 */
export function Spark({
  sights,
  label,
  shown,
  straight,
}: {
  sights: Sight[] | undefined;
  label: string;
  shown: (value: number) => string;
  straight?: boolean;
}) {
  const all = sights ?? [];
  const first = all[0]?.at ?? 0;
  const last = all.at(-1)?.at ?? 0;
  const highest = Math.max(0, ...all.map((one) => one.value));
  const x = (at: number) => (100 * (at - first)) / Math.max(1, last - first);
  const y = (value: number) => 23 - (value * 22) / Math.max(1, highest);
  const points = all.flatMap((one, i) => {
    const before = all[i - 1];
    return before && !straight ? [`${x(one.at)},${y(before.value)}`, `${x(one.at)},${y(one.value)}`] : [`${x(one.at)},${y(one.value)}`];
  });
  const said = `${label}: ${shown(all.at(-1)?.value ?? 0)} now, ${shown(highest)} at the most in the last ${span(last - first)}`;
  return (
    <span class="sparked" title={said}>
      <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={said}>
        {all.length > 1 && <polyline points={points.join(" ")} />}
      </svg>
      {all.length > 1 && (
        <span class="soft" aria-hidden="true">
          up to {shown(highest)}
        </span>
      )}
    </span>
  );
}

/**
 * A form that sends something: it does not send twice, and shows what went wrong. What fills in fields for people may only say that
 * they have changed. They are read then all the same; else the next time that the page is drawn, the earlier text would come back.
 */
export function SendForm({ by, children, buttons }: { by: Sending; children: ComponentChildren; buttons: ComponentChildren }) {
  return (
    <form
      aria-busy={by.busy}
      onSubmit={(e: JSX.TargetedEvent<HTMLFormElement, Event>) => {
        e.preventDefault();
        by.send();
      }}
      onChange={(e) => e.target?.dispatchEvent(new Event("input"))}
    >
      {children}
      <Problem error={by.error} />
      {buttons}
    </form>
  );
}

/** A page under its heading. */
export function Page({
  title,
  beside,
  kind = "",
  children,
}: {
  title: ComponentChildren;
  /** What stands beside the heading. */
  beside?: ComponentChildren;
  kind?: string;
  children: ComponentChildren;
}) {
  return (
    <section class={"page " + kind} aria-labelledby="title">
      <header>
        <h1 id="title">{title}</h1>
        {beside}
      </header>
      {children}
    </section>
  );
}

export function Forbidden({ what }: { what: string }) {
  return (
    <Page title="Not for your role">
      <p>Your role may not look at {what}.</p>
    </Page>
  );
}

/** One of a few, of which the first is the usual one. */
export function Choice({ label, of, chosen, choose }: { label: string; of: string[]; chosen: string; choose: (one: string | undefined) => void }) {
  return (
    <div class="chips" role="group" aria-label={label}>
      {of.map((each) => (
        <button key={each} type="button" aria-pressed={chosen === each} onClick={() => choose(each === of[0] ? undefined : each)}>
          {words(each)}
        </button>
      ))}
    </div>
  );
}

/** The heading of one execution: where it belongs, its name and status, its id, and what may be done to it. */
export function ExecutionHead({
  crumbs,
  name,
  status,
  id,
  live,
  children,
}: {
  crumbs: ComponentChildren;
  name: string;
  status: ComponentChildren;
  id: string;
  live: boolean;
  /** Buttons. */
  children: ComponentChildren;
}) {
  return (
    <header>
      <p class="crumbs">{crumbs}</p>
      <h1 id="title">
        {name} {status}
        <Live is={live} />
      </h1>
      <p class="idline">
        <code>{id}</code> <Copy text={id} label="Copy the id" />
      </p>
      <div class="buttons" role="group" aria-label="Actions">
        {children}
      </div>
    </header>
  );
}

/** That what is shown follows what happens. */
export function Live({ is }: { is: boolean }) {
  return is ? <span class="live">live</span> : null;
}

/** A table that is scrolled by itself where it is wider than the page. */
export function Table({ label, heads, children }: { label: string; heads: Array<string | { title: string; number: true }>; children: ComponentChildren }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {heads.map((head) =>
              typeof head === "string" ? (
                <th scope="col" key={head}>
                  {head}
                </th>
              ) : (
                <th scope="col" class="number" key={head.title}>
                  {head.title}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** What is not there. */
export const NONE = <span class="none">–</span>;
