package io.millrace.proto.levels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.v1.WorkAvailable;
import io.millrace.proto.v1.WorkType;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Levels, not edges: of those of one place only the newest counts, and what nobody needs to hear is not said. */
class LevelRouterTest {

    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());

    private static WorkAvailable level(int ready, long position) {
        WorkAvailable.Builder level = WorkAvailable.newBuilder()
                .setOrgId(Ids.toByteString(new UUID(1, 1)))
                .setQueue("orders")
                .setWorkType(WorkType.WORKFLOW)
                .setPosition(position);
        if (ready > 0) {
            level.addKinds(WorkAvailable.KindReady.newBuilder().setKind("k").setReady(ready));
        }
        return level.build();
    }

    private List<Long> positions() {
        return producer.history().stream()
                .map(record -> {
                    try {
                        return WorkAvailable.parseFrom(record.value()).getPosition();
                    } catch (InvalidProtocolBufferException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    private void awaitSent(int count) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (producer.history().size() < count) {
            assertTrue(System.nanoTime() < end, "expected " + count + " levels, but got " + positions());
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void whatComesWhileOneIsUnderWayIsReplacedByTheNewest() {
        try (LevelRouter router = new LevelRouter(new TopicWriter(Topics.WORK_AVAILABLE, producer), null)) {
            for (int i = 1; i <= 5; i++) {
                router.offer(level(i, i));
            }
            assertEquals(List.of(1L), positions());
            producer.completeNext();
            assertEquals(List.of(1L, 5L), positions());
            producer.completeNext();
            assertEquals(List.of(1L, 5L), positions());
        }
    }

    @Test
    void theNotifierOfTheProcessIsToldFirstAndWhatItsWorkersTakeIsToldToNobodyElse() {
        try (LevelRouter router = new LevelRouter(new TopicWriter(Topics.WORK_AVAILABLE, producer), level -> true)) {
            assertTrue(router.offer(level(1, 1)));
            router.offer(level(0, 2));
            awaitQuiet();
            assertEquals(List.of(), positions());
        }
    }

    /** The partition that tells of work would stop otherwise. */
    @Test
    void aNotifierThatFailsKeepsNeitherThePartitionNorTheOtherNodes() {
        LevelSink broken = level -> {
            throw new IllegalStateException("broken, for the test");
        };
        try (LevelRouter router = new LevelRouter(new TopicWriter(Topics.WORK_AVAILABLE, producer), broken)) {
            assertFalse(router.offer(level(1, 1)));
            assertEquals(List.of(1L), positions());
        }
    }

    @Test
    void whatStillStandsThereAfterAMomentIsToldToTheOthers() {
        try (LevelRouter router = new LevelRouter(new TopicWriter(Topics.WORK_AVAILABLE, producer), level -> true)) {
            router.offer(level(1, 1));
            awaitSent(1);
            assertEquals(List.of(1L), positions());
        }
    }

    @Test
    void othersWhoHeardOfWorkHearThatItIsGone() {
        try (LevelRouter router = new LevelRouter(new TopicWriter(Topics.WORK_AVAILABLE, producer), null)) {
            router.offer(level(1, 1));
            producer.completeNext();
            router.offer(level(0, 2));
            awaitSent(2);
            assertEquals(List.of(1L, 2L), positions());
        }
    }

    @Test
    void aLevelThatCannotBeSentKeepsNoLaterOneOfItsPlaceBack() {
        WorkAvailable ofNoOrganisation = level(1, 1).toBuilder()
                .setOrgId(ByteString.copyFromUtf8("nobody"))
                .build();
        try (LevelRouter router = new LevelRouter(new TopicWriter(Topics.WORK_AVAILABLE, producer), null)) {
            assertThrows(RuntimeException.class, () -> router.offer(ofNoOrganisation));
            assertThrows(RuntimeException.class, () -> router.offer(ofNoOrganisation), "expected it to be tried again");
            router.offer(level(1, 2));
            assertEquals(List.of(2L), positions());
        }
    }

    /** Longer than a covered level is held back. */
    private static void awaitQuiet() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
        }
    }
}
