package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.LogCursor;
import io.millrace.dispatcher.partition.OutcomePlace;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes on the events topic that the state has not when a partition is opened. They are needed with the first command,
 * and take several requests; so a thread of its own asks for them while the command with which the tenure begins is on its
 * way. Stream thread.
 */
final class UnseenOutcomes implements AutoCloseable {

    private final Supplier<RecordedOutcomes> outcomes;
    private final int partition;
    private final Runnable begins;
    private final Runnable ends;
    private @Nullable FutureTask<Optional<LogCursor.Unseen>> found;

    /**
     * @param begins hears that the topic is going to be read up to its end
     * @param ends hears that it was, or is so no more
     */
    UnseenOutcomes(Supplier<RecordedOutcomes> outcomes, int partition, Runnable begins, Runnable ends) {
        this.outcomes = outcomes;
        this.partition = partition;
        this.begins = begins;
        this.ends = ends;
    }

    /** Begins to ask. Whoever owned the partition before has written all that it ever will. */
    void look(OutcomePlace state, boolean sealed) {
        FutureTask<Optional<LogCursor.Unseen>> task =
                new FutureTask<>(() -> {
                    try (RecordedOutcomes asked = outcomes.get()) {
                        asked.onlySealed(sealed);
                        return asked.unseen(state);
                    }
                }) {
                    @Override
                    protected void done() {
                        ends.run();
                    }
                };
        found = task;
        begins.run();
        Thread.ofPlatform()
                .name("millrace-unseen-outcomes-" + partition)
                .daemon(true)
                .start(task);
    }

    /**
     * Waits for them.
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
            return found.get();
        } catch (ExecutionException e) {
            throw new KafkaException("expected Kafka to show the last outcomes, but: " + e.getMessage(), e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** They are not needed any more. */
    @Override
    public void close() {
        if (found != null) {
            found.cancel(true);
        }
    }
}
