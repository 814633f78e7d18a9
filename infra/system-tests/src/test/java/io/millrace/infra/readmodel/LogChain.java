package io.millrace.infra.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers and hashes of the outcomes of one partition, as an engine gives them. For one thread. */
final class LogChain {

    private final OutcomeHashes hashes = new OutcomeHashes();
    private final Map<List<ByteString>, EventRecord> last = new HashMap<>();
    private byte[] running = OutcomeHashes.FIRST;

    /** @return the outcome as it goes on where the partition stands; an execution that starts begins a chain */
    OutcomeRecord seal(OutcomeRecord.Builder outcome) {
        outcome.setRulesVersion(3);
        for (int i = 0; i < outcome.getEventsCount(); i++) {
            EventRecord event = outcome.getEvents(i);
            List<ByteString> chain = List.of(event.getOrgId(), event.getExecutionId());
            EventRecord before = event.getType().equals("WORKFLOW_STARTED") ? null : last.get(chain);
            EventRecord numbered = event.toBuilder()
                    .setChainSequence(before == null ? 1 : before.getChainSequence() + 1)
                    .build();
            EventRecord sealed = numbered.toBuilder()
                    .setHash(ByteString.copyFrom(hashes.event(
                            before == null
                                    ? OutcomeHashes.FIRST
                                    : before.getHash().toByteArray(),
                            outcome.build(),
                            numbered)))
                    .build();
            last.put(chain, sealed);
            outcome.setEvents(i, sealed);
        }
        running = hashes.partition(running, outcome.build());
        return outcome.setPartitionHash(ByteString.copyFrom(running)).build();
    }
}
