// The audit trail: who asked for what, and what came of it.
import { useEffect, useRef, useState } from "preact/hooks";
import type { AuditTrail, TransparencyLogs } from "@schema";
import { get, may } from "./api";
import { type ApiError, errorOf } from "./api-error";
import { useList } from "./changes";
import { to, useData, usePlace } from "./hooks";
import { Ago, Forbidden, Lag, Loading, NONE, Page, Problem, Short, Table } from "./parts";
import { number, words } from "./text";

const FILTERS = ["principal", "command", "outcome", "queue", "execution"] as const;

export function Audit() {
  const { query } = usePlace();
  const asked = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? undefined]));
  const key = JSON.stringify(asked);
  const [more, setMore] = useState<AuditTrail>();
  const [error, setError] = useState<ApiError>();
  const first = useList<AuditTrail & { key: string }>(
    async (signal) => ({ ...(await get("/api/orgs/{slug}/audit", {}, { ...asked, limit: 100 }, signal)), key }),
    [key],
    more ? -1 : 5_000,
    5_000, // Refusals, and notes of who has read what, change no other list.
  );
  const logs = useData<TransparencyLogs>((signal) => get("/tlog", {}, {}, signal), [], 15_000);
  const shown = useRef(key);
  shown.current = key;
  useEffect(() => {
    setMore(undefined);
    setError(undefined);
  }, [key]);
  if (!may("AUDIT")) return <Forbidden what="the audit trail" />;
  const part = first.value?.key === key ? first.value : undefined;
  const entries = [...(part?.entries ?? []), ...(more?.entries ?? [])];
  const next = more ? more.nextCursor : part?.nextCursor;
  const load = async () => {
    if (!next) return;
    try {
      const part = await get("/api/orgs/{slug}/audit", {}, { ...asked, limit: 100, cursor: next });
      if (shown.current !== key) return; // entries of other filters are no part of it
      setMore((old) => ({ entries: [...(old?.entries ?? []), ...part.entries], nextCursor: part.nextCursor }));
      setError(undefined);
    } catch (e) {
      if (shown.current === key) setError(errorOf(e));
    }
  };
  const signed = logs.value?.logs.reduce((sum, log) => sum + log.signedSize, 0) ?? 0;
  const size = logs.value?.logs.reduce((sum, log) => sum + log.size, 0) ?? 0;
  const faults = logs.value?.logs.filter((log) => log.fault) ?? [];
  return (
    <Page title="Audit trail"
      beside={
        logs.value && (
          <span class="soft">
            {number(signed)} of {number(size)} outcomes stand under signed checkpoints
          </span>
        )
      }
    >
      {faults.map((log) => (
        <p key={log.partition} class="problem" role="alert">
          Partition {log.partition}: {log.fault}
        </p>
      ))}
      <form
        class="filters"
        key={key}
        onSubmit={(e) => {
          e.preventDefault();
          const data = new FormData(e.currentTarget);
          location.hash = to(
            ["audit"],
            Object.fromEntries(FILTERS.map((name) => [name, String(data.get(name) ?? "").trim()])),
          );
        }}
      >
        {FILTERS.map((name) => (
          <label key={name}>
            {words(name)}
            <input type="text" name={name} defaultValue={asked[name] ?? ""} spellcheck={false} />
          </label>
        ))}
        <button type="submit" class="main">
          Find
        </button>
      </form>
      <Lag />
      <Problem error={first.error ?? error} again={first.error ? first.again : () => void load()} />
      {!first.value && !first.error && <Loading />}
      {first.value && entries.length === 0 && (
        <div class="empty">
          <p>No entry is like that.</p>
        </div>
      )}
      {entries.length > 0 && (
        <Table label="Entries of the audit trail" heads={["When", "Who", "Asked for", "Outcome", "Execution", "From", "Reason or refusal"]}>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td>
                <Ago time={entry.decidedAt} />
              </td>
              <td>
                {entry.principal.id} <span class="soft">{entry.principal.role ?? entry.principal.type}</span>
              </td>
              <td class="wide">
                {entry.command}
                {entry.request && <span class="soft"> {entry.request}</span>}
              </td>
              <td class={tone(entry.outcome)}>{entry.outcome}</td>
              <td>
                {entry.executionId ? (
                  <Short id={entry.executionId} href={to(["workflows", entry.executionId])} />
                ) : (
                  NONE
                )}
              </td>
              <td>
                {entry.origin.client ?? entry.origin.peer?.replace(/:\d+$/, "") ?? (
                  <span class="soft">{entry.origin.node}</span>
                )}
              </td>
              <td class="wide">{entry.refusal ?? entry.reason ?? NONE}</td>
            </tr>
          ))}
        </Table>
      )}
      {next && (
        <button type="button" onClick={() => void load()}>
          Show more
        </button>
      )}
    </Page>
  );
}

function tone(outcome: string): string {
  if (outcome === "DONE") return "";
  return outcome === "ALREADY_CLOSED" || outcome === "UNCHANGED" ? "soft" : "bad";
}
