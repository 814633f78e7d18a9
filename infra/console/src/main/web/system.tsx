// How the server is: nodes, partitions, and how far the read model is behind.
import type { ReadModel, System, TransparencyLogs } from "@schema";
import { get } from "./api";
import { useData } from "./hooks";
import { Loading, Moment, NONE, Page, Problem, Table } from "./parts";
import { number, span, words } from "./text";

export function SystemPage() {
  const system = useData<System>((signal) => get("/api/orgs/{slug}/system", {}, {}, signal), [], 3_000);
  const lag = useData<ReadModel>((signal) => get("/api/orgs/{slug}/read-model", {}, {}, signal), [], 3_000);
  const logs = useData<TransparencyLogs>((signal) => get("/tlog", {}, {}, signal), [], 15_000);
  const unsigned = logs.value?.logs.reduce((sum, log) => sum + Math.max(0, log.size - log.signedSize), 0) ?? 0;
  const lost = system.value?.partitions.filter((partition) => partition.stage !== "OWNING") ?? [];
  return (
    <Page title="System"
      beside={
        system.value && (
          <span class="soft">
            version {system.value.version}, answered by {system.value.node}
          </span>
        )
      }
    >
      <Problem error={system.error} again={system.again} />
      {!system.value && !system.error && <Loading />}
      <div class="tiles">
        <div class={"tile " + (lost.length > 0 ? "bad" : "good")}>
          <b>{system.value ? `${system.value.partitions.length - lost.length} of ${system.value.partitions.length}` : "–"}</b>
          <span>partitions are served</span>
        </div>
        <div class="tile">
          <b>{system.value ? number(system.value.nodes.length) : "–"}</b>
          <span>{system.value?.nodes.length === 1 ? "node serves them" : "nodes serve them"}</span>
        </div>
        <div class={"tile " + (lag.value && lag.value.lagMillis > 10_000 ? "bad" : "")}>
          <b>{lag.value ? (lag.value.lagRecords === 0 ? "none" : span(lag.value.lagMillis)) : "–"}</b>
          <span>lag of the read model{lag.value && lag.value.lagRecords > 0 ? `, ${number(lag.value.lagRecords)} records` : ""}</span>
        </div>
        <div class={"tile " + (logs.value?.logs.some((log) => log.fault) ? "bad" : "")}>
          <b>{logs.value ? (unsigned === 0 ? "none" : number(unsigned)) : "–"}</b>
          <span>outcomes wait for a signed checkpoint</span>
        </div>
        <div class={"tile " + (lag.value && lag.value.breaks + lag.value.passedOver > 0 ? "bad" : "")}>
          <b>{lag.value ? number(lag.value.breaks + lag.value.passedOver) : "–"}</b>
          <span>outcomes that were not taken in</span>
        </div>
      </div>
      <Problem error={lag.error} again={lag.again} />
      {system.value && (
        <>
          <h2>Nodes</h2>
          <Table label="Nodes" heads={["Node", "Address for reads", { title: "Partitions", number: true }, "Knows rules up to", "Since"]}>
            {system.value.nodes.map((node) => (
              <tr key={node.node}>
                <th scope="row">{node.node}</th>
                <td>{node.address}</td>
                <td class="number">{node.partitions}</td>
                <td>{node.knownRules || NONE}</td>
                <td>
                  <Moment time={node.since} />
                </td>
              </tr>
            ))}
          </Table>
          <h2>Partitions</h2>
          <Table label="Partitions" heads={["Partition", "Node", "State", { title: "Outcomes", number: true }, { title: "Signed", number: true }, "Witnesses"]}>
            {system.value.partitions.map((partition) => {
              const log = logs.value?.logs.find((each) => each.partition === partition.partition);
              return (
                <tr key={partition.partition}>
                  <th scope="row">{partition.partition}</th>
                  <td>{partition.node ?? <span class="none">none</span>}</td>
                  <td class={partition.stage === "OWNING" ? "" : "bad"}>{words(partition.stage)}</td>
                  <td class="number">{log ? number(log.size) : "–"}</td>
                  <td class="number">{log ? number(log.signedSize) : "–"}</td>
                  <td>{log ? log.cosignatures : "–"}</td>
                </tr>
              );
            })}
          </Table>
        </>
      )}
    </Page>
  );
}
