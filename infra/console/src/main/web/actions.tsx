// What may be done to an execution, each with its reason, which stands in the audit trail.
import { useState } from "preact/hooks";
import { ApiError, post } from "./api";
import { Dialog, Problem, stopped } from "./parts";

export function CancelDialog({
  what,
  id,
  close,
  done,
}: {
  what: "workflow" | "task";
  id: string;
  close: () => void;
  done: (said: string) => void;
}) {
  const [reason, setReason] = useState("");
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const answer = await post(`/api/orgs/{slug}/${what}-executions/{id}/cancel`, { id }, reason ? { reason } : {});
      if ("approvalId" in answer) {
        done(`Somebody else has to approve it: request ${answer.approvalId}.`);
      } else {
        done(answer.cancelled ? "It is cancelled." : "It had ended already, and stays as it is.");
      }
    } catch (e) {
      setError(e instanceof ApiError ? e : new ApiError(0, "UNKNOWN", String(e)));
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Cancel this ${what}`} close={close}>
      <form onSubmit={(e) => stopped(e, () => void send())}>
        <p>{what === "workflow" ? "It ends, whatever it waits for." : "It ends, and its workflow, if it has one, is told."}</p>
        <label>
          Reason
          <input
            type="text"
            value={reason}
            autofocus
            placeholder="Stands in the audit trail"
            onInput={(e) => setReason(e.currentTarget.value)}
          />
        </label>
        <Problem error={error} />
        <div class="buttons">
          <button type="button" onClick={close}>
            Keep it
          </button>
          <button type="submit" class="danger" disabled={busy}>
            Cancel the {what}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function SignalDialog({ id, close, done }: { id: string; close: () => void; done: (said: string) => void }) {
  const [name, setName] = useState("");
  const [value, setValue] = useState("null");
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const send = async () => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(value);
    } catch (e) {
      setError(new ApiError(0, "JSON", `Expected JSON as value, such as "Ada" or {"yes":true}, but: ${(e as Error).message}`));
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      const answer = await post("/api/orgs/{slug}/workflow-executions/{id}/signal", { id }, {
        signalName: name,
        signalValue: parsed,
      });
      done(answer.delivered ? "The signal is delivered." : "The workflow had ended: no worker will see the signal.");
    } catch (e) {
      setError(e instanceof ApiError ? e : new ApiError(0, "UNKNOWN", String(e)));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Signal this workflow" close={close}>
      <form onSubmit={(e) => stopped(e, () => void send())}>
        <label>
          Name
          <input type="text" required value={name} autofocus onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        <label>
          Value, as JSON
          <textarea rows={5} value={value} spellcheck={false} onInput={(e) => setValue(e.currentTarget.value)} />
        </label>
        <Problem error={error} />
        <div class="buttons">
          <button type="button" onClick={close}>
            Close
          </button>
          <button type="submit" class="main" disabled={busy}>
            Send the signal
          </button>
        </div>
      </form>
    </Dialog>
  );
}
