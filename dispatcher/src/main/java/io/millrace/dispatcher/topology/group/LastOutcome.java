package io.millrace.dispatcher.topology.group;

import io.millrace.proto.v1.OutcomeRecord;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * The outcome that stands last on the events topic when a partition is opened. It is needed with the first command, and takes
 * several requests; so a thread of its own asks for it while the command with which the tenure begins is on its way.
 */
final class LastOutcome implements AutoCloseable {

    private final FutureTask<Optional<OutcomeRecord>> found;

    /** Begins to ask. Whoever owned the partition before has written all that it ever will. */
    LastOutcome(Supplier<RecordedOutcomes> outcomes, int partition) {
        found = new FutureTask<>(() -> {
            try (RecordedOutcomes asked = outcomes.get()) {
                return asked.last();
            }
        });
        Thread.ofPlatform()
                .name("millrace-last-outcome-" + partition)
                .daemon(true)
                .start(found);
    }

    /**
     * Waits for it.
     *
     * @return empty if there is none
     * @throws KafkaException Kafka did not tell
     */
    Optional<OutcomeRecord> get() {
        try {
            return found.get();
        } catch (ExecutionException e) {
            throw new KafkaException("expected Kafka to show the last outcome, but: " + e.getMessage(), e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** It is not needed any more. */
    @Override
    public void close() {
        found.cancel(true);
    }
}
