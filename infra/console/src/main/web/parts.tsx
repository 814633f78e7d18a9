// Small parts that several pages are made of.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ReadModel, Status as StatusName } from "@schema";
import { ApiError, get } from "./api";
import { useData, useNow } from "./hooks";
import { ago, local, ms, number, span, words } from "./text";

const SHAPES: Record<StatusName, string> = {
  PENDING: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM8 5.5V8l1.8 1.2",
  RUNNING: "M6 4.5v7l5.5-3.5z",
  WAITING: "M5.5 4.5v7M10.5 4.5v7",
  COMPLETED: "M4 8.5l2.8 2.8L12.2 5",
  FAILED: "M5 5l6 6M11 5l-6 6",
  CANCELLED: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM5 11l6-6",
};

/** A status by its colour, its shape and its name: no one of them is needed to tell it. */
export function Status({ of }: { of: StatusName }) {
  return (
    <span class={"status " + of.toLowerCase()}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={SHAPES[of]} />
      </svg>
      {words(of)}
    </span>
  );
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
export function Facts({ rows }: { rows: Array<[string, ComponentChildren]> }) {
  return (
    <dl class="facts">
      {rows.map(([label, value]) => (
        <div key={label}>
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
  useEffect(() => {
    const dialog = at.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={at} aria-labelledby={heading} onCancel={close} onClose={close}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Gives a text to the browser as a file. */
export function download(name: string, text: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A line of the last values. */
export function Spark({ values, label }: { values: number[]; label: string }) {
  const most = Math.max(1, ...values);
  const points = values.map((value, i) => `${(i * 100) / Math.max(1, values.length - 1)},${23 - (value * 22) / most}`);
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={label}>
      {values.length > 1 && <polyline points={points.join(" ")} />}
    </svg>
  );
}

export function stopped(e: JSX.TargetedEvent<HTMLFormElement, Event>, then: () => void) {
  e.preventDefault();
  then();
}
