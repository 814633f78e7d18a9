// The frame of all pages: who is there, where one can go, and which page is shown.
import { type ComponentChildren, render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ended, issuer, logIn, logInAtIssuer, logOut, may, resume, type Session, whenLoggedOut } from "./api";
import { type ApiError, errorOf } from "./api-error";
import { Approvals } from "./approvals";
import { Audit } from "./audit";
import { BulkJobDetail, BulkJobs } from "./bulk";
import { DeadLetters } from "./dead-letters";
import { Execution } from "./execution";
import { to, useNow, usePlace, useRemembered, useSending } from "./hooks";
import { KeyList } from "./keys";
import { TaskList, WorkflowList } from "./list";
import { hostOf, type OpenId } from "./openid";
import { Dialog, Facts, Loading, Page, Problem, SendForm } from "./parts";
import { QueueList } from "./queues";
import { ScheduleDetail, Schedules } from "./schedules";
import { SystemPage } from "./system";
import { Task } from "./task";
import { local, showTimesInUtc, span } from "./text";
import { WorkerList } from "./workers";

const PAGES: Array<{ id: string; title: string; key: string; right: "LIST" | "AUDIT" | "CANCEL" | "KEYS"; icon: string }> = [
  { id: "workflows", title: "Workflows", key: "w", right: "LIST", icon: "M2.5 4h4v3h-4zM9.5 9h4v3h-4zM6.5 5.5h3.5a1.5 1.5 0 0 1 1.5 1.5v2" },
  { id: "tasks", title: "Tasks", key: "t", right: "LIST", icon: "M3 3h10v10H3zM5.5 8l2 2 3.5-4" },
  { id: "schedules", title: "Schedules", key: "c", right: "LIST", icon: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3zM8 5.5V8l2 1.5" },
  { id: "bulk", title: "Bulk jobs", key: "b", right: "LIST", icon: "M3 4h2v2H3zM3 10h2v2H3zM7.5 5h5.5M7.5 11h5.5" },
  { id: "dead-letters", title: "Dead letters", key: "d", right: "LIST", icon: "M2.5 4h11v8h-11zM2.5 4.5L8 9l5.5-4.5" },
  { id: "queues", title: "Queues", key: "q", right: "LIST", icon: "M3 4h10M3 8h10M3 12h6" },
  { id: "workers", title: "Workers", key: "o", right: "LIST", icon: "M8 3a2.2 2.2 0 1 0 0 4.4A2.2 2.2 0 0 0 8 3zM3.5 13c.4-2.6 2-4 4.5-4s4.1 1.4 4.5 4" },
  { id: "approvals", title: "Approvals", key: "p", right: "CANCEL", icon: "M3 8.5c2-3 8-3 10 0-2 3-8 3-10 0zM8 7.2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6z" },
  { id: "audit", title: "Audit", key: "a", right: "AUDIT", icon: "M8 2.5l5 2v3.2c0 3-2 5-5 6-3-1-5-3-5-6V4.5zM5.8 8l1.6 1.6 2.9-3.2" },
  { id: "keys", title: "API keys", key: "e", right: "KEYS", icon: "M5.5 7.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM7.7 8.3l5.8-5.8M11 5l2 2" },
  { id: "system", title: "System", key: "s", right: "LIST", icon: "M3 3.5h10v4H3zM3 9.5h10v3H3zM5 5.5h1M5 11h1" },
];

function App() {
  const [session, set] = useState<Session | null>();
  const [error, setError] = useState<ApiError>();
  const [why, setWhy] = useState<string>();
  const [theme, setTheme] = useRemembered<"" | "light" | "dark">("theme", "");
  const begin = () => {
    setError(undefined);
    resume().then(
      (found) => set(found ?? null),
      (e) => setError(errorOf(e)),
    );
  };
  useEffect(() => {
    whenLoggedOut((said) => {
      setWhy(said);
      set(null);
    });
    begin();
    // Back from the issuer by the browser's button: what was under way is over.
    const shown = (e: PageTransitionEvent) => e.persisted && location.reload();
    addEventListener("pageshow", shown);
    return () => removeEventListener("pageshow", shown);
  }, []);
  useEffect(() => {
    if (theme) document.documentElement.dataset["theme"] = theme;
    else delete document.documentElement.dataset["theme"];
  }, [theme]);
  if (error) return <main class="login"><Problem error={error} again={begin} /></main>;
  if (session === undefined) return <Loading />;
  if (session === null) return <Login why={why} done={set} />;
  return <Shell session={session} theme={theme} setTheme={setTheme} />;
}

function Login({ why, done }: { why: string | undefined; done: (session: Session) => void }) {
  const [key, setKey] = useState("");
  const [openId, setOpenId] = useState<OpenId | null>(null);
  const [away, setAway] = useState<ApiError>();
  const by = useSending(async () => done(await logIn(key.trim())));
  const atIssuer = useSending(() => logInAtIssuer());
  const look = () => {
    setAway(undefined);
    issuer().then(setOpenId, (e) => setAway(errorOf(e)));
  };
  useEffect(look, []);
  return (
    <main class="login">
      <SendForm
        by={by}
        buttons={
          <button type="submit" class={openId ? "" : "main"} disabled={by.busy}>
            Log in
          </button>
        }
      >
        <Mark />
        <h1>Millrace</h1>
        {why && (
          <p class="lag" role="status">
            {why}
          </p>
        )}
        <Problem error={away} again={look} />
        {openId && (
          <>
            <button type="button" class="main" disabled={atIssuer.busy} onClick={atIssuer.send}>
              Log in at {hostOf(openId)}
            </button>
            <Problem error={atIssuer.error} />
            <p class="or">or</p>
          </>
        )}
        <label>
          API key
          <input
            type="password"
            name="key"
            required
            autofocus={!openId}
            autocomplete="current-password"
            spellcheck={false}
            value={key}
            onInput={(e) => setKey(e.currentTarget.value)}
          />
        </label>
        <p class="soft">A key stays in this tab, and is forgotten when the tab is closed.</p>
      </SendForm>
    </main>
  );
}

const SOON = 120_000;

/** Says in time that the log-in ends, and ends it. */
function Ending({ until }: { until: number }) {
  const left = until - useNow(1_000);
  const again = useSending(() => logInAtIssuer());
  useEffect(() => {
    // Not with what is shown, which stands still while the page is hidden.
    const timer = setInterval(() => Date.now() >= until && ended(), 1_000);
    return () => clearInterval(timer);
  }, [until]);
  if (left > SOON) return null;
  return (
    <>
      <p class="lag ending" role="status">
        Your log-in ends at {local(until)}, in {span(Math.max(0, left))}.{" "}
        <button type="button" disabled={again.busy} onClick={again.send}>
          Log in again now
        </button>{" "}
        What is not sent yet is lost.
      </p>
      <Problem error={again.error} />
    </>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="9" />
      <path d="M16 3v9M16 20v9M3 16h9M20 16h9M7 7l5.8 5.8M19.2 19.2L25 25M25 7l-5.8 5.8M12.8 19.2L7 25" />
    </svg>
  );
}

function Shell({
  session,
  theme,
  setTheme,
}: {
  session: Session;
  theme: "" | "light" | "dark";
  setTheme: (theme: "" | "light" | "dark") => void;
}) {
  const { path } = usePlace();
  const [help, showHelp] = useState(false);
  const [menu, openMenu] = useState(false);
  const [utc, setUtc] = useRemembered("utc", false);
  showTimesInUtc(utc);
  const page = path[0] ?? "workflows";
  const pages = PAGES.filter((each) => may(each.right));
  useEffect(() => {
    document.title = (PAGES.find((each) => each.id === page)?.title ?? "Nothing") + (path[1] ? " " + path[1].slice(0, 8) : "") + " · Millrace";
  }, [page, path[1]]);
  useEffect(() => {
    let g = -Infinity;
    const pressed = (e: KeyboardEvent) => {
      const at = e.target as HTMLElement;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
      if (document.querySelector("dialog[open]")) return;
      if (e.key === "?") showHelp(true);
      // By when they were pressed: a page that is busy hears of both late.
      else if (e.key === "g") g = e.timeStamp;
      else if (e.timeStamp - g < 1_500) {
        g = -Infinity;
        const to = pages.find((each) => each.key === e.key);
        if (to) location.hash = "#/" + to.id;
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [pages.length]);
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), document.getElementById("main")?.focus())}>
        Skip to the content
      </a>
      <nav aria-label="Pages" class={menu ? "open" : ""}>
        <a class="brand" href={to(["workflows"])}>
          <Mark /> <span>Millrace</span>
        </a>
        <button type="button" class="menu" aria-expanded={menu} aria-controls="pages" onClick={() => openMenu(!menu)}>
          {PAGES.find((each) => each.id === page)?.title ?? "Pages"} <span aria-hidden="true">{menu ? "▴" : "▾"}</span>
          <span class="hidden">, menu</span>
        </button>
        <ul id="pages">
          {pages.map((each) => (
            <li key={each.id}>
              <a href={to([each.id])} onClick={() => openMenu(false)} aria-current={page === each.id ? "page" : undefined}>
                <svg viewBox="0 0 16 16" aria-hidden="true">
                  <path d={each.icon} />
                </svg>
                <span>{each.title}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="me">
          <p>
            <b>{session.me.organisation.slug}</b>
            <span class="soft">
              {session.me.principal} · {session.me.role}
            </span>
          </p>
          <label>
            <span class="hidden">Colours</span>
            <select value={theme} onChange={(e) => setTheme(e.currentTarget.value as "" | "light" | "dark")}>
              <option value="">System colours</option>
              <option value="light">Light</option>
              <option value="dark">Dark</option>
            </select>
          </label>
          <label>
            <span class="hidden">Times</span>
            <select name="times" value={utc ? "utc" : ""} onChange={(e) => setUtc(e.currentTarget.value === "utc")}>
              <option value="">Local times</option>
              <option value="utc">UTC</option>
            </select>
          </label>
          <div class="buttons">
            <button type="button" class="plain" onClick={() => showHelp(true)}>
              Keyboard
            </button>
            <button type="button" class="plain" onClick={logOut}>
              Log out
            </button>
          </div>
        </div>
      </nav>
      <main id="main" tabIndex={-1}>
        {session.token && <Ending until={session.token.until} />}
        <Shown key={utc ? "utc" : "local"} path={path} />
      </main>
      {help && (
        <Dialog title="Keyboard" close={() => showHelp(false)}>
          <Facts
            rows={[
              [<kbd>/</kbd>, "write a query"],
              [
                <>
                  <kbd>↑</kbd> <kbd>↓</kbd> or <kbd>j</kbd> <kbd>k</kbd>
                </>,
                "from row to row",
              ],
              [<kbd>Enter</kbd>, "open a row"],
              ...pages.map((each): [ComponentChildren, ComponentChildren] => [
                <>
                  <kbd>g</kbd> <kbd>{each.key}</kbd>
                </>,
                each.title,
              ]),
            ]}
          />
          <div class="buttons">
            <button type="button" onClick={() => showHelp(false)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

function Shown({ path }: { path: string[] }) {
  const [page, id] = path;
  switch (page) {
    case undefined:
    case "workflows":
      return id ? <Execution key={id} id={id} /> : <WorkflowList />;
    case "tasks":
      return id ? <Task key={id} id={id} /> : <TaskList />;
    case "schedules":
      return id ? <ScheduleDetail key={id} name={id} /> : <Schedules />;
    case "bulk":
      return id ? <BulkJobDetail key={id} id={id} /> : <BulkJobs />;
    case "dead-letters":
      return <DeadLetters />;
    case "queues":
      return <QueueList />;
    case "workers":
      return <WorkerList />;
    case "approvals":
      return <Approvals />;
    case "audit":
      return <Audit />;
    case "keys":
      return <KeyList />;
    case "system":
      return <SystemPage />;
    default:
      return (
        <Page title="There is no such page">
          <p>
            <a href={to(["workflows"])}>Workflows</a> is where most begin.
          </p>
        </Page>
      );
  }
}

const root = document.getElementById("app");
if (root) render(<App />, root);
