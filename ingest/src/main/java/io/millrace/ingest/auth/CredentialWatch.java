package io.millrace.ingest.auth;

import io.millrace.proto.FailureTrace;
import io.millrace.proto.thread.Recurring;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what stays open (polls, subscriptions, streams, requests that wait) once what was shown for it is in force no more:
 * it looks each second. So a key that is revoked gets nothing more within a second of this node's hearing of it. Safe from
 * any thread; only the look itself ends anything, on a thread of its own.
 */
public final class CredentialWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CredentialWatch.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** One key may have thousands of polls: it is looked at once. */
    private final Map<Credential, Set<Watched>> open = new ConcurrentHashMap<>();

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-credentials").daemon(true).factory());

    /** Begins to look. */
    public CredentialWatch() {
        Recurring.start(timer, LOOK, LOOK, "what revoked keys have opened cannot be ended", this::look);
    }

    /** Something that is open. To be closed when it ends. */
    public interface Open extends AutoCloseable {
        @Override
        void close();
    }

    private final class Watched implements Open {

        private final Credential credential;
        private final Consumer<String> end;

        private Watched(Credential credential, Consumer<String> end) {
            this.credential = credential;
            this.end = end;
        }

        @Override
        public void close() {
            open.computeIfPresent(credential, (same, known) -> {
                known.remove(this);
                return known.isEmpty() ? null : known;
            });
        }

        private void end(String why) {
            try {
                end.accept(why);
            } catch (RuntimeException e) {
                LOG.error("what a key has opened could not be ended: {}", FailureTrace.of(e));
            }
        }
    }

    /**
     * @param credential what was shown for it
     * @param end ends it; told why, once or more often until it is closed, on a thread that must not wait
     */
    public Open watch(Credential credential, Consumer<String> end) {
        if (credential instanceof Credential.Lasting) {
            return () -> {};
        }
        Watched watched = new Watched(credential, end);
        open.compute(credential, (same, known) -> {
            Set<Watched> all = known == null ? ConcurrentHashMap.newKeySet() : known;
            all.add(watched);
            return all;
        });
        return watched;
    }

    private void look() {
        open.forEach((credential, all) -> credential.over().ifPresent(why -> all.forEach(each -> each.end(why))));
    }

    /** Ends nothing more. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
