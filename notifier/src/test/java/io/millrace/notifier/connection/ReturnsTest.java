package io.millrace.notifier.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.notifier.queue.VirtualTime;
import io.millrace.notifier.queue.WorkerKinds;
import io.millrace.proto.Ids;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.WorkerBack;
import io.millrace.proto.v1.WorkerRegistration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** How often it is said that workers are back. Times are virtual. */
class ReturnsTest {

    private static final int PARTITIONS = 4;
    private static final UUID ORG = new UUID(1, 1);

    private final VirtualTime time = new VirtualTime();
    private final Told log = new Told();
    private final Returns returns =
            new Returns(log, 1, time, worker -> false, worker -> false, Duration.ofMinutes(1), time::nanos);

    /** A log that keeps what it is told. */
    private static final class Told implements CommandLog {
        private final List<WorkerBack> backs = new ArrayList<>();

        @Override
        public int partitions() {
            return PARTITIONS;
        }

        @Override
        public String node() {
            return "node-under-test";
        }

        @Override
        public CompletableFuture<ReplyRecord> ask(int shard, CommandRecord.Builder command) {
            throw new UnsupportedOperationException("expected to be told, not to be asked");
        }

        @Override
        public CompletableFuture<ReplyRecord> askPartition(int partition, CommandRecord.Builder command) {
            throw new UnsupportedOperationException("expected to be told, not to be asked");
        }

        @Override
        public CompletableFuture<ReplyRecord> askPartition(
                int partition, CommandRecord.Builder command, Consumer<ReplyRecord> late) {
            throw new UnsupportedOperationException("expected to be told, not to be asked");
        }

        @Override
        public CompletableFuture<Void> tell(int partition, CommandRecord.Builder command) {
            backs.add(command.getWorkerBack());
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {}
    }

    private static Identity worker(UUID org, int number) {
        UUID id = new UUID(7, number);
        List<WorkerRegistration> registered = List.of(WorkerRegistration.newBuilder()
                .setOrgId(Ids.toByteString(org))
                .setWorkerId(Ids.toByteString(id))
                .build());
        return new Identity(
                new WorkerId(org, id.toString(), id.toString(), Principal.getDefaultInstance()),
                registered,
                WorkerKinds.of(registered),
                List.of(id.toString()));
    }

    /** It polls through a new connection, which ends. */
    private void comesAndGoes(Identity worker) {
        Connection connection = new Connection();
        returns.polls(worker, connection, false);
        returns.ended(connection);
    }

    @Test
    void aWorkerWhoseConnectionsBreakAllTheTimeIsToldOfNowAndThen() {
        Identity flapping = worker(ORG, 1);
        for (int i = 0; i < 300; i++) {
            comesAndGoes(flapping);
            time.pass(100);
        }
        time.pass(60_000);

        // At 0, 10, 20 and 30 s, and each 5 s later once more.
        assertEquals(2 * 4 * PARTITIONS, log.backs.size());
    }

    @Test
    void whatWasRecentWhenItCameIsMeantAlsoIfItIsToldLater() {
        Identity flapping = worker(ORG, 1);
        comesAndGoes(flapping);
        time.pass(6_000);
        long first = log.backs.getFirst().getRecentMs();
        comesAndGoes(flapping);
        time.pass(4_500);

        assertEquals(first + 4_000, log.backs.getLast().getRecentMs(), 2);
    }

    @Test
    void oneOrganisationDoesNotWaitForAllWorkersOfAnother() {
        for (int i = 0; i < 1_000; i++) {
            comesAndGoes(worker(ORG, i));
        }
        Identity other = worker(new UUID(2, 2), 5_000);
        comesAndGoes(other);

        time.pass(10);

        assertTrue(
                log.backs.stream()
                        .anyMatch(
                                back -> back.getWorkerId().equals(other.worker().workerId())),
                () -> log.backs.size() + " told before it");
    }
}
