package io.millrace.proto.levels;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.Outage;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.v1.WorkAvailable;
import io.millrace.proto.v1.WorkType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Brings levels to the notifiers: at once to the one of this process, and through {@code millrace.work-available} to
 * all others. Only the newest level of a place counts. While one is on its way to Kafka, later levels of the same place
 * replace each other, and the last one follows. Two things are no hurry: that a place is empty again, and work that
 * waiting workers of this process will take. Others hear of such work only if it still stands there a moment later.
 * Called on stream threads; never blocks.
 */
public final class LevelRouter implements LevelSink, AutoCloseable {

    /** How long other nodes are not told of work that this node's workers will take, milliseconds. */
    private static final long COVERED_DELAY_MS = 50;

    /** After this time a level is no longer of use, and its partition has told a newer one. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final @Nullable LevelSink local;
    private final TopicWriter writer;
    private final Map<LevelKey, Slot> slots = new ConcurrentHashMap<>();
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-levels").daemon(true).factory());

    private final Outage outage = new Outage("could not tell other nodes of work, whose partitions will say it again");

    private final Outage here = new Outage("could not tell workers of this node of work, which is said again");

    private record LevelKey(ByteString orgId, String queue, WorkType workType, int partition) {}

    /**
     * @param clients what all Kafka clients of the node have in common
     * @param local the notifier of this process, or null
     */
    public LevelRouter(ClientSettings clients, @Nullable LevelSink local) {
        this(new TopicWriter(Topics.WORK_AVAILABLE, clients.passing()), local);
        writer.partitions(); // so that the first level need not wait for it
    }

    LevelRouter(TopicWriter writer, @Nullable LevelSink local) {
        this.writer = writer;
        this.local = local;
    }

    @Override
    public boolean offer(WorkAvailable level) {
        boolean covered = takenHere(level);
        boolean urgent = !covered && level.getKindsCount() > 0;
        LevelKey place = new LevelKey(level.getOrgId(), level.getQueue(), level.getWorkType(), level.getPartition());
        Slot slot;
        Slot.Next next;
        do {
            slot = slots.computeIfAbsent(place, p -> new Slot());
            next = slot.put(level, urgent);
        } while (next == Slot.Next.ELSEWHERE);
        if (next == Slot.Next.SEND) {
            send(place, slot);
        } else if (next == Slot.Next.DELAY) {
            Slot delayed = slot;
            later.schedule(() -> overdueIfItWorks(place, delayed), COVERED_DELAY_MS, TimeUnit.MILLISECONDS);
        }
        return covered;
    }

    /** What fails in the notifier is no affair of the partition, and others have to hear of its work all the more. */
    private boolean takenHere(WorkAvailable level) {
        if (local == null) {
            return false;
        }
        try {
            boolean covered = local.offer(level);
            here.over();
            return covered;
        } catch (Throwable e) {
            here.failed(e);
            return false;
        }
    }

    private void overdueIfItWorks(LevelKey place, Slot slot) {
        try {
            overdue(place, slot);
            outage.over();
        } catch (Throwable e) { // nobody looks at the timer's result
            outage.failed(e);
        }
    }

    private void overdue(LevelKey place, Slot slot) {
        if (slot.overdue()) {
            send(place, slot);
        } else {
            forgetIfIdle(place, slot);
        }
    }

    private void send(LevelKey place, Slot slot) {
        WorkAvailable level = slot.take();
        if (level == null) {
            forgetIfIdle(place, slot);
            return;
        }
        try {
            byte[] key = (Ids.fromBytes(place.orgId()) + "/" + place.queue()).getBytes(StandardCharsets.UTF_8);
            // If a level is lost, its partition repeats it while the work stands there.
            writer.write(null, key, level.toByteArray(), PATIENCE, (metadata, failure) -> send(place, slot));
        } catch (RuntimeException | Error e) {
            slot.unsent(); // else all later levels of the place would wait for this one
            throw e;
        }
    }

    private void forgetIfIdle(LevelKey place, Slot slot) {
        slots.computeIfPresent(place, (p, present) -> present == slot && slot.forgetIfIdle() ? null : present);
    }

    @Override
    public void close() {
        later.shutdownNow();
        writer.close();
    }
}
