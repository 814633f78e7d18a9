package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.ingest.encryption.Decryption;
import io.millrace.ingest.encryption.Encryption;
import io.millrace.ingest.limits.LoadSettings;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.limits.Turnstile;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.streams.LocalTaskStreams;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Streams of an organisation whose answers take so much memory already that nothing large fits beside them. */
class EventStreamRoomTest {

    private static final UUID ORG = new UUID(1, 1);
    private static final UUID EXECUTION = new UUID(2, 2);
    private static final MemoryReads.Key KEY = new MemoryReads.Key(ORG, EXECUTION);

    private final OrganisationLoads loads =
            new OrganisationLoads(new LoadSettings(4, 4, 4, 2, 1, 400_000, 200_000, 100));
    private final MemoryReads reads = new MemoryReads();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Turnstile.Ticket others = loads.of(ORG).answers().lane().ticket(264_000, () -> {});

    /** What the read model has of it. */
    private Optional<List<Lifecycle.Happening>> past = Optional.empty();

    private final class Events implements Lifecycle {

        @Override
        public WatchRequest watch(int seen) {
            return WatchRequest.newBuilder()
                    .setOrgId(Ids.toByteString(ORG))
                    .setExecutionId(Ids.toByteString(EXECUTION))
                    .setAfter(seen)
                    .build();
        }

        @Override
        public List<Happening> in(WatchStep step, int seen) {
            return step.getEventsList().stream()
                    .map(event -> new Happening(event.getHistorySequence(), event.getType(), event.getData()))
                    .toList();
        }

        @Override
        public Optional<List<Happening>> past(int seen) {
            return past;
        }
    }

    private CompletableFuture<Void> stream() {
        OpenStreams open = OpenStreams.of(loads, ORG);
        assertTrue(open.enter());
        EventStream stream = new EventStream(
                open,
                new LocalTaskStreams(),
                reads,
                new Decryption(Encryption.NONE),
                new Events(),
                new EventStream.Source(ORG, EXECUTION, null),
                EventStream.Position.START,
                null);
        return CompletableFuture.runAsync(
                () -> {
                    try (stream) {
                        stream.write(out);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                task -> Thread.ofPlatform().daemon(true).start(task));
    }

    private String written() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatHappensIsNotKeptWithoutRoomAndAskedForAgainOnceThereIsSome() throws Exception {
        String large = "x".repeat(30_000);
        reads.histories.put(
                KEY,
                HistoryView.newBuilder()
                        .addEvents(EventRecord.newBuilder()
                                .setHistorySequence(1)
                                .setData(ByteString.copyFromUtf8("\"" + large + "\"")))
                        .build());
        reads.executions.put(KEY, ExecutionView.getDefaultInstance());
        assertTrue(others.enterNow());

        CompletableFuture<Void> stream = stream();
        while (reads.stepsAsked.get() == 0 || reads.watched() > 0) {
            Thread.onSpinWait(); // it has been told, and does not listen any more
        }
        assertFalse(written().contains(large));
        assertFalse(stream.isDone());
        others.leave();

        while (!written().contains(large)) {
            Thread.onSpinWait();
        }
        reads.executions.put(KEY, ExecutionView.newBuilder().setClosedAtMs(1).build());
        reads.changed();
        stream.get(20, TimeUnit.SECONDS);
        assertEquals(3, reads.stepsAsked.get(), "what was not kept, the same again, and what comes behind it");
        assertEquals(0, loads.of(ORG).answers().charged());
    }

    @Test
    void whatHasLeftTheStoresIsReadOnceThereIsRoom() throws Exception {
        past = Optional.of(
                List.of(new Lifecycle.Happening(1, "WORKFLOW_STARTED", ByteString.copyFromUtf8("\"past\""))));
        assertTrue(others.enterNow());

        CompletableFuture<Void> stream = stream();
        while (reads.stepsAsked.get() == 0 || reads.watched() > 0) {
            Thread.onSpinWait();
        }
        assertFalse(written().contains("past"));
        others.leave();

        stream.get(20, TimeUnit.SECONDS);
        assertTrue(written().contains("past"));
        assertEquals(0, loads.of(ORG).answers().charged());
        assertEquals(0, loads.of(ORG).histories().charged());
    }
}
