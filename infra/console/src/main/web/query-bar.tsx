// Where a query is written: it offers what may come next, and shows what is wrong at its place.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { QueryCompletions } from "@schema";
import { get } from "./api";
import { type ApiError } from "./api-error";
import { type Fault } from "./json";
import { FaultAt } from "./json-field";

type What = "workflow" | "task";

export function QueryBar({
  what,
  text,
  submit,
  refused,
  takes,
  faulty,
}: {
  what: What;
  text: string;
  submit: (text: string) => void;
  refused: ApiError | undefined;
  /** Whether a text is taken as it is, though it is no query. */
  takes: (text: string) => boolean;
  /** Told whether what is written cannot be asked for. */
  faulty: (is: boolean) => void;
}) {
  const [written, write] = useState(text);
  const [offers, offer] = useState<QueryCompletions & { of: string }>();
  const [open, setOpen] = useState(false);
  // The text of an offer: what is offered may come again, in another order, while somebody chooses.
  const [choice, choose] = useState<string>();
  const [fault, setFault] = useState<Fault>();
  const input = useRef<HTMLInputElement>(null);
  const asking = useRef<AbortController>();
  const list = useId();
  const says = useId();

  const asked = useRef(text);
  useEffect(() => {
    // Not when it is drawn for the first time: somebody may be writing already.
    if (asked.current === text) return;
    asked.current = text;
    write(text);
    setFault(undefined);
  }, [text]);

  useEffect(() => faulty(fault !== undefined), [fault]);

  useEffect(() => {
    const slash = (e: KeyboardEvent) => {
      const at = e.target as HTMLElement;
      if (e.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) && !document.querySelector("dialog[open]")) {
        e.preventDefault();
        input.current?.focus();
      }
    };
    addEventListener("keydown", slash);
    return () => removeEventListener("keydown", slash);
  }, []);

  const ask = async (query: string, at: number) => {
    asking.current?.abort();
    const abort = (asking.current = new AbortController());
    await new Promise((then) => setTimeout(then, 80));
    if (abort.signal.aborted) return;
    try {
      const answer = await get(`/api/orgs/{slug}/${what}-executions/completions`, {}, { q: query, at }, abort.signal);
      if (abort.signal.aborted) return;
      offer({ ...answer, of: query });
      setFault((old) => (old ? (answer.fault ?? undefined) : undefined));
    } catch {
      offer(undefined); // Without offers a query can be written all the same.
    }
  };

  const changed = () => {
    const field = input.current;
    if (!field) return;
    if (field.value !== written) choose(undefined);
    write(field.value);
    setOpen(true);
    void ask(field.value, field.selectionStart ?? field.value.length);
  };

  const take = (index: number) => {
    const item = offers?.completions[index];
    const field = input.current;
    if (!item || !offers || !field) return;
    const space = item.type === "FIELD" && item.text.endsWith(".") ? "" : " ";
    const begin = written.slice(0, offers.from) + item.text + space;
    const rest = written.slice(offers.to).replace(/^ /, "");
    write(begin + rest);
    field.value = begin + rest;
    field.setSelectionRange(begin.length, begin.length);
    field.focus();
    choose(undefined);
    setOpen(true);
    void ask(begin + rest, begin.length);
  };

  /** What is wrong is not asked for: each refused request stands in the log for ever. */
  const send = async () => {
    setOpen(false);
    asking.current?.abort();
    if (written.trim() && !takes(written.trim())) {
      try {
        const { fault: wrong } = await get(`/api/orgs/{slug}/${what}-executions/completions`, {}, { q: written });
        setFault(wrong ?? undefined);
        if (wrong) return;
      } catch {
        // Then the list itself says what is wrong.
      }
    }
    submit(written.trim());
  };

  // What was offered for the text before would be put at the wrong place of this one.
  const shown = open && offers?.of === written ? offers.completions : [];
  const chosen = shown.findIndex((item) => item.text === choice);
  const wrong: Fault | undefined =
    fault ??
    (refused?.position !== undefined && written === text
      ? { message: refused.message, position: refused.position, length: refused.length ?? 0 }
      : undefined);

  return (
    <form class="query" role="search" onSubmit={(e) => (e.preventDefault(), void send())}>
      <label class="hidden" for={list + "-q"}>
        Query over {what}s
      </label>
      <div class={"bar" + (wrong ? " wrong" : "")}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4l3.2 3.2" />
        </svg>
        <input
          id={list + "-q"}
          ref={input}
          type="text"
          role="combobox"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          placeholder='status = FAILED AND created > -2h ORDER BY ended DESC'
          value={written}
          aria-expanded={shown.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 ? `${list}-${chosen}` : undefined}
          aria-invalid={wrong !== undefined}
          aria-describedby={wrong ? says : undefined}
          onInput={changed}
          onClick={changed}
          onFocus={changed}
          onBlur={() => setTimeout(() => setOpen(false), 150)}
          onKeyDown={(e) => {
            if (e.key === "ArrowDown" && shown.length > 0) {
              e.preventDefault();
              choose(shown[(chosen + 1) % shown.length]?.text);
            } else if (e.key === "ArrowUp" && shown.length > 0) {
              e.preventDefault();
              choose(shown[chosen <= 0 ? shown.length - 1 : chosen - 1]?.text);
            } else if ((e.key === "Enter" || e.key === "Tab") && chosen >= 0) {
              e.preventDefault();
              take(chosen);
            } else if (e.key === "Escape") {
              setOpen(false);
              choose(undefined);
            } else if (e.key === "ArrowLeft" || e.key === "ArrowRight") {
              setOpen(false);
            }
          }}
        />
        {written && (
          <button type="button" class="plain small" onClick={() => (write(""), setFault(undefined), submit(""))}>
            clear
          </button>
        )}
        <button type="submit">Find</button>
      </div>
      <ul id={list} role="listbox" aria-label="What may come next" class={shown.length > 0 ? "offers" : "hidden"}>
        {shown.map((item, i) => (
          <li
            key={item.text}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === chosen}
            onMouseDown={(e) => (e.preventDefault(), take(i))}
          >
            <code>{item.text}</code>
            <span>{item.about}</span>
          </li>
        ))}
      </ul>
      {wrong && <FaultAt id={says} text={written} fault={wrong} />}
    </form>
  );
}
