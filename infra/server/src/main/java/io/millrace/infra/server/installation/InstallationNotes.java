package io.millrace.infra.server.installation;

import io.millrace.infra.config.ServerConfig;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.proto.Shards;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes in the log that this node starts and stops, and how its configuration and keys differ from what was noted last.
 * All nodes write to one partition, so these notes stand in one order and in one transparency log.
 *
 * <p>Nobody waits for a note: a node serves although its start is not noted yet. It has to, since the first node must
 * serve the partition before anything can be decided there. A note that fails is logged, and written again until it
 * works. So only somebody who keeps the log away from the node can suppress a note, and then the node's other commands
 * are kept away as well. Safe from any thread.
 */
public final class InstallationNotes implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(InstallationNotes.class);
    private static final UUID NOBODY = new UUID(0, 0);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    /**
     * How long to wait after a refusal: each one stays in the log for ever, and only people who restart nodes raise the
     * rules.
     */
    private static final Duration AFTER_REFUSAL = Duration.ofMinutes(10);
    /** Longest time that a node which stops waits for Kafka. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

    private final CommandLog log;
    private final Directory directory;
    private final NodeState state;
    private final CommandRecord.Builder started;
    private final int partition;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-installation-notes").daemon(true).factory());
    private volatile boolean startNoted;
    /** What is left to write behind the start. The timer's; null: not known yet. */
    private @Nullable Deque<Notes.Part> left;
    /** Notes of the first of them that are written. The timer's. */
    private int written;
    /** When to try again, and how long to wait after that. The timer's. */
    private long nextNanos = System.nanoTime();

    private Duration pause = FIRST_PAUSE;

    /**
     * @param signing keys that sign the transparency logs; none if nobody signs
     * @param log where the notes go
     * @param directory knows what was noted last
     */
    public InstallationNotes(ServerConfig config, List<SigningKey> signing, CommandLog log, Directory directory) {
        this.log = log;
        this.directory = directory;
        state = NodeState.of(config, signing);
        started = Notes.started(state);
        partition = partition(log);
    }

    /** @return the partition of all notes on the installation */
    public static int partition(CommandLog log) {
        return Shards.partition(Shards.of(NOBODY, "installation"), log.partitions());
    }

    /** Begins to write the notes as soon as a node serves their partition. */
    public void start() {
        LOG.info(
                "version {}, digest of the configuration {}, of the access {}",
                state.version(),
                state.settings().digest(),
                state.accessDigest());
        Recurring.start(timer, Duration.ZERO, LOOK, "the log will not tell what this node starts with", this::advance);
    }

    /** Writes what is left to write, up to the first note that fails. */
    private void advance() {
        // A new log follows the newest rules only if its first command is the tenure of its owner.
        if (System.nanoTime() - nextNanos < 0
                || directory.dispatcherOf(partition).isEmpty()) {
            return;
        }
        if (!startNoted) {
            if (!taken(started)) {
                return;
            }
            startNoted = true;
        }
        if (left == null) {
            left = new ArrayDeque<>(Notes.changes(log.node(), state, directory));
        }
        while (!left.isEmpty()) {
            Notes.Part part = left.getFirst();
            while (written < part.notes().size()) {
                if (!taken(part.notes().get(written))) {
                    return;
                }
                written++;
            }
            directory.keepNoted(part.subject(), part.state()).exceptionally(failure -> {
                LOG.warn(
                        "the next start will note changes again that stand in the log already: {}",
                        failure.getMessage());
                return null;
            });
            left.removeFirst();
            written = 0;
        }
        timer.shutdown();
    }

    /** @return whether the note is in the log; if not, it is to be written again once {@link #nextNanos} has come */
    private boolean taken(CommandRecord.Builder note) {
        String kind = note.getRecordNote().getKind();
        try {
            ReplyRecord reply = log.askPartition(partition, note.clone()).join();
            if (!reply.hasRefusal()) {
                pause = FIRST_PAUSE;
                return true;
            }
            nextNanos = System.nanoTime() + AFTER_REFUSAL.toNanos();
            LOG.warn(
                    "expected the note {} to be taken, but it was refused, as by rules before 3; will try again in {} s: {}",
                    kind,
                    AFTER_REFUSAL.toSeconds(),
                    reply.getRefusal().getText());
        } catch (CompletionException e) {
            nextNanos = System.nanoTime() + pause.toNanos();
            LOG.warn(
                    "the note {} could not be written, will try again in {} s: {}",
                    kind,
                    pause.toSeconds(),
                    Objects.requireNonNullElse(e.getCause(), e).getMessage());
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
        return false;
    }

    /**
     * Notes that the node was told to stop, and its start as well if that is not noted yet. If the start is not noted
     * and nobody serves the partition, it only says so in the server's own log. Waits 2 s for Kafka at the most.
     */
    @Override
    public void close() {
        timer.shutdownNow();
        if (directory.dispatcherOf(partition).isEmpty() && !startNoted) {
            LOG.warn("nobody served the partition of the notes, so the log does not tell that this node ran");
            return;
        }
        CompletableFuture<Void> start =
                startNoted ? CompletableFuture.completedFuture(null) : log.tell(partition, started.clone());
        CompletableFuture<Void> stop = log.tell(partition, Notes.stopped(state));
        try {
            CompletableFuture.allOf(start, stop).get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            LOG.warn(
                    "the log may not tell that this node stops: {}",
                    Objects.requireNonNullElse(e.getCause(), e).getMessage());
        } catch (TimeoutException e) {
            LOG.warn(
                    "the log may not tell that this node stops: Kafka did not say within {} s that it has the note",
                    STOP_LIMIT.toSeconds());
        }
    }
}
