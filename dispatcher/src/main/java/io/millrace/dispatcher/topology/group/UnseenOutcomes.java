package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.LogCursor;
import io.millrace.dispatcher.partition.OutcomePlace;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes on the events topic that the state has not when a partition is opened. They are needed with the first command,
 * and take several requests; so another thread asks for them while the command with which the tenure begins is on its
 * way. Stream thread.
 */
final class UnseenOutcomes implements AutoCloseable {

    /** Less than what a group allows between two polls of a stream thread. */
    private static final Duration LONGEST = RecordedOutcomes.PATIENCE.multipliedBy(4);

    private final OutcomeReaders readers;
    private final Function<OutcomeConsumers, RecordedOutcomes> outcomes;
    private final Runnable begins;
    private final Runnable ends;
    private @Nullable CompletableFuture<Optional<LogCursor.Unseen>> found;

    /**
     * @param outcomes those of the partition
     * @param begins hears that the topic is going to be read up to its end
     * @param ends hears that it was, or is so no more
     */
    UnseenOutcomes(
            OutcomeReaders readers,
            Function<OutcomeConsumers, RecordedOutcomes> outcomes,
            Runnable begins,
            Runnable ends) {
        this.readers = readers;
        this.outcomes = outcomes;
        this.begins = begins;
        this.ends = ends;
    }

    /** Begins to ask. Whoever owned the partition before has written all that it ever will. */
    void look(OutcomePlace state, boolean sealed) {
        begins.run();
        CompletableFuture<Optional<LogCursor.Unseen>> asked = readers.look(
                (consumers, patience) -> {
                    RecordedOutcomes recorded = outcomes.apply(consumers);
                    recorded.onlySealed(sealed);
                    // Only this comes round again soon. A scan that has begun would be lost with its next try.
                    recorded.expectCommitted(patience);
                    return recorded.unseen(state);
                },
                RecordedOutcomes.PATIENCE.toNanos());
        asked.whenComplete((unseen, failure) -> ends.run());
        found = asked;
    }

    /**
     * Waits for them. A look goes on while Kafka shows records, since it may have to read all of the topic.
     *
     * @return empty if there are none
     * @throws KafkaException Kafka did not tell
     * @throws IllegalStateException nobody began to ask
     */
    Optional<LogCursor.Unseen> get() {
        if (found == null) {
            throw new IllegalStateException("expected that outcomes are asked for before they are needed");
        }
        try {
            return found.get(LONGEST.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new KafkaException(
                    "expected Kafka to show the last outcomes within " + LONGEST.toSeconds() + " s, but it did not", e);
        } catch (ExecutionException e) {
            throw new KafkaException("expected Kafka to show the last outcomes, but: " + e.getMessage(), e.getCause());
        } catch (CancellationException e) {
            throw new KafkaException("expected Kafka to show the last outcomes, but nobody looks any more", e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** They are not needed any more. */
    @Override
    public void close() {
        if (found != null) {
            found.cancel(false);
        }
    }
}
