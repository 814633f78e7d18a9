package io.millrace.proto.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RefusedRequestsTest {

    private final List<CommandRecord> told = new ArrayList<>();

    @Test
    void aUserWithManyTokensHasNoMoreNotedThanWithOne() {
        RefusedRequests refused = new RefusedRequests(new Told(), 2);

        for (String token : List.of("token-1", "token-2", "token-3", "token-4")) {
            note(refused, Principal.Type.USER, "ann", token);
        }
        note(refused, Principal.Type.WORKER, "ann", "key-1");
        refused.close();

        assertEquals(
                List.of(Principal.Type.USER, Principal.Type.USER, Principal.Type.WORKER, Principal.Type.USER),
                told.stream().map(each -> each.getPrincipal().getType()).toList());
        assertEquals(2, told.get(3).getRecordRefusal().getRequests());
    }

    @Test
    void whoHadNothingRefusedLatelyIsForgotten() {
        RefusedRequests refused = new RefusedRequests(new Told(), 2, Duration.ofNanos(1));

        for (int i = 0; i < 10_000; i++) {
            note(refused, Principal.Type.USER, "user-" + i, "token");
        }

        assertEquals(10_000, told.size());
        assertTrue(refused.size() <= 1_001, () -> refused.size() + " are remembered");
    }

    private static void note(RefusedRequests refused, Principal.Type type, String id, String credential) {
        Principal principal = Principal.newBuilder()
                .setType(type)
                .setId(id)
                .setCredential(credential)
                .build();
        refused.note(
                new Caller(new UUID(1, 1), "org", principal, "peer", Scope.WHOLE),
                "method",
                "",
                RefusalReason.INVALID_ARGUMENT,
                "expected less");
    }

    private final class Told implements CommandLog {

        @Override
        public int partitions() {
            return 1;
        }

        @Override
        public String node() {
            return "node";
        }

        @Override
        public CompletableFuture<ReplyRecord> ask(int shard, CommandRecord.Builder command) {
            throw new UnsupportedOperationException("nobody waits for a note");
        }

        @Override
        public CompletableFuture<ReplyRecord> askPartition(int partition, CommandRecord.Builder command) {
            throw new UnsupportedOperationException("nobody waits for a note");
        }

        @Override
        public CompletableFuture<ReplyRecord> askPartition(
                int partition, CommandRecord.Builder command, Consumer<ReplyRecord> late) {
            throw new UnsupportedOperationException("nobody waits for a note");
        }

        @Override
        public CompletableFuture<Void> tell(int partition, CommandRecord.Builder command) {
            told.add(command.build());
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {}
    }
}
