// What waits for somebody else's word: four eyes.
import type { Approval, ApprovalList } from "@schema";
import { DecideDialog } from "./actions";
import { current, get, may } from "./api";
import { useList } from "./changes";
import { to, useDialog, usePlace } from "./hooks";
import { Ago, Choice, Forbidden, Lag, Live, Loading, NONE, Page, Problem, Short, Table } from "./parts";
import { local, ms, words } from "./text";

const WHAT: Record<Approval["action"], string> = {
  CANCEL: "The cancellation",
  TERMINATE: "The termination",
  RESET: "The reset",
  ERASE: "The erasure",
  KEYS: "The making of the key",
};

export function Approvals() {
  const { query } = usePlace();
  const status = query.get("status") === "ALL" ? "ALL" : "PENDING";
  const approvals = useList<ApprovalList>(
    (signal) => get("/api/orgs/{slug}/approvals", {}, { status: status === "ALL" ? undefined : status, limit: 200 }, signal),
    [status],
    may("CANCEL") ? 3_000 : -1,
  );
  const { dialog: deciding, show: decide, said, close, done } = useDialog<{ of: Approval; approve: boolean }>(approvals.again);
  if (!may("CANCEL")) return <Forbidden what="what waits for an approval" />;
  const all = approvals.value?.approvals ?? [];
  return (
    <Page title="Approvals" beside={<Live is={approvals.live} />}>
      <Choice label="Which requests" of={["PENDING", "ALL"]} chosen={status} choose={(one) => (location.hash = to(["approvals"], { status: one }))} />
      <Lag />
      <p class="said" role="status">
        {said}
      </p>
      <Problem error={approvals.error} again={approvals.again} />
      {!approvals.value && !approvals.error && <Loading />}
      {approvals.value && all.length === 0 && (
        <div class="empty">
          <p>{status === "ALL" ? "Nobody has asked for anything that needs an approval." : "Nothing waits for an approval."}</p>
          <p class="soft">The setting approvals.required says what needs one.</p>
        </div>
      )}
      {all.length > 0 && (
        <Table label="Requests for approvals" heads={["Status", "What", "Of", "Asked by", "Reason", "Decision"]}>
          {all.map((one) => (
            <tr key={one.id}>
              <td class={one.status === "PENDING" ? "warn" : ""}>
                {words(one.status)}
                {one.status === "PENDING" && (
                  <>
                    <br />
                    <span class="soft">until {local(ms(one.expiresAt))}</span>
                  </>
                )}
              </td>
              <td class="wide">
                {words(one.action)}
                {Object.entries(one.how).filter(([name]) => name !== "entry" && name !== "id").map(([name, value]) => (
                  <span class="soft" key={name}>
                    <br />
                    {name} {value}
                  </span>
                ))}
              </td>
              <td>
                {one.taskExecutionId ? (
                  <Short id={one.taskExecutionId} href={to(["tasks", one.taskExecutionId])} />
                ) : one.executionId ? (
                  <Short id={one.executionId} href={to(["workflows", one.executionId])} />
                ) : (
                  (one.subject ?? NONE)
                )}
              </td>
              <td>
                {one.askedBy}
                <br />
                <span class="soft">
                  <Ago time={one.askedAt} />
                </span>
              </td>
              <td class="wide">{one.reason ?? NONE}</td>
              <td>
                <Decision of={one} decide={(approve) => decide({ of: one, approve })} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {deciding && (
        <DecideDialog
          id={deciding.of.id}
          what={WHAT[deciding.of.action]}
          approve={deciding.approve}
          close={close}
          done={done}
        />
      )}
    </Page>
  );
}

function Decision({ of, decide }: { of: Approval; decide: (approve: boolean) => void }) {
  if (of.status !== "PENDING") {
    return of.decidedBy ? (
      <>
        by {of.decidedBy}
        {of.decisionReason && <>: {of.decisionReason}</>}
      </>
    ) : (
      NONE
    );
  }
  if (of.askedBy === current().me.principal) return <span class="soft">not by who asked</span>;
  if ((of.action === "ERASE" || of.action === "KEYS") && !may(of.action)) return <span class="soft">not by this role</span>;
  return (
    <div class="buttons decide">
      <button type="button" onClick={() => decide(true)}>
        Approve…
      </button>
      <button type="button" onClick={() => decide(false)}>
        Reject…
      </button>
    </div>
  );
}
