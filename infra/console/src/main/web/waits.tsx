// What an open workflow waits for, piece by piece; what people can do about it stands beside.
import type { ComponentChildren } from "preact";
import type { Why } from "@schema";
import type { OpenPromise } from "./actions";
import { to } from "./hooks";
import { Ago } from "./parts";
import { number, some } from "./text";
import type { NameOf } from "./worker-names";

/** So many of a sort are shown. */
const MOST = 100;

type Fact = Record<string, unknown>;

const all = (facts: Why["facts"], name: string): Fact[] => (Array.isArray(facts[name]) ? (facts[name] as Fact[]) : []);
const text = (fact: Fact, name: string) => (typeof fact[name] === "string" ? (fact[name] as string) : "");

/** How far a task is. */
function stands(task: Fact, nameOf: NameOf): ComponentChildren {
  const attempts = typeof task["attempt"] === "number" ? `attempt ${task["attempt"]} of ${String(task["mostAttempts"] ?? "")}` : "";
  const lease = task["lease"] as Fact | undefined;
  return (
    <>
      {lease ? (
        `with worker ${nameOf(text(lease, "worker"))}`
      ) : text(task, "notBefore") ? (
        <>
          not before <Ago time={text(task, "notBefore")} />
        </>
      ) : (
        "waits for a worker"
      )}
      {attempts && `, ${attempts}`}
      {text(task, "lastError") && `: ${text(task, "lastError")}`}
    </>
  );
}

export function Waits({
  facts,
  nameOf,
  settle,
}: {
  facts: Why["facts"];
  nameOf: NameOf;
  settle: ((how: "resolve" | "reject", of: OpenPromise) => void) | undefined;
}) {
  const sorts: Array<[string, Fact[], (fact: Fact) => ComponentChildren]> = [
    [
      "promise",
      all(facts, "promises"),
      (one) => {
        const promise = { id: text(one, "id"), name: text(one, "name") };
        return (
          <>
            <b>{promise.name}</b>
            {text(one, "timeout") && (
              <span class="soft">
                times out <Ago time={text(one, "timeout")} />
              </span>
            )}
            {settle && (
              <span class="buttons">
                <button type="button" class="small" aria-label={`Resolve ${promise.name}…`} onClick={() => settle("resolve", promise)}>
                  Resolve…
                </button>
                <button type="button" class="small danger" aria-label={`Reject ${promise.name}…`} onClick={() => settle("reject", promise)}>
                  Reject…
                </button>
              </span>
            )}
          </>
        );
      },
    ],
    [
      "timer",
      all(facts, "timers"),
      (one) => (
        <>
          <b>{text(one, "id")}</b>
          <span class="soft">
            due <Ago time={text(one, "due")} />
          </span>
        </>
      ),
    ],
    [
      "task",
      all(facts, "tasks"),
      (one) => (
        <>
          <a href={to(["tasks", text(one, "id")])}>{text(one, "kind")}</a>
          <span class="soft">{stands(one, nameOf)}</span>
        </>
      ),
    ],
    ["child", all(facts, "children"), (one) => <a href={to(["workflows", text(one, "id")])}>{text(one, "name")}</a>],
  ];
  if (sorts.every(([, found]) => found.length === 0)) return null;
  return (
    <ul class="waits" aria-label="What is open">
      {sorts.map(([sort, found, drawn]) => (
        <>
          {found.slice(0, MOST).map((one) => (
            <li key={sort + text(one, "id")}>
              <i class="sort">{sort}</i>
              {drawn(one)}
            </li>
          ))}
          {found.length > MOST && (
            <li key={sort} class="soft">
              {some(found.length, sort).replace("childs", "children")} are open; {number(found.length - MOST)} are not shown.
            </li>
          )}
        </>
      ))}
    </ul>
  );
}
