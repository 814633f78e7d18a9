package io.millrace.infra.server;

import io.millrace.proto.thread.Recurring;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Which parts of the node are ready. It looks at them twice a second, and tells the health service what has changed. A
 * part can become unready again, such as a dispatcher while partitions move. Safe from any thread once started.
 */
final class Readiness implements AutoCloseable {

    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    private final Map<String, Supplier<Optional<String>>> needed = new LinkedHashMap<>();
    private final Map<String, BooleanSupplier> others = new LinkedHashMap<>();
    private final Map<String, Boolean> told = new LinkedHashMap<>();
    private final BiConsumer<String, Boolean> health;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-readiness").daemon(true).factory());

    /** @param health told of changes: the name of a part, or empty for the node, and whether it is ready */
    Readiness(BiConsumer<String, Boolean> health) {
        this.health = health;
    }

    /**
     * Adds a part without which the node is not ready.
     *
     * @param notReady says what the part waits for, empty once it is ready
     */
    void need(String part, Supplier<Optional<String>> notReady) {
        needed.put(part, notReady);
    }

    /** Adds a part that is reported, but that the node does not need to be ready. */
    void watch(String part, BooleanSupplier ready) {
        others.put(part, ready);
    }

    void start() {
        Recurring.start(
                timer,
                Duration.ZERO,
                LOOK_EVERY,
                "could not look whether the parts of this node are ready",
                this::look);
    }

    /** @return the first part that the node waits for and why, empty if it is ready */
    Optional<String> notReady() {
        return needed.entrySet().stream()
                .flatMap(part -> part.getValue().get().map(why -> part.getKey() + ": " + why).stream())
                .findFirst();
    }

    /** Looks now, and does not wait for the next look, which is up to half a second away. */
    synchronized void look() {
        needed.forEach((part, notReady) -> tell(part, notReady.get().isEmpty()));
        others.forEach((part, ready) -> tell(part, ready.getAsBoolean()));
        tell("", notReady().isEmpty());
    }

    private void tell(String part, boolean ready) {
        Boolean before = told.put(part, ready);
        if (before == null || before != ready) {
            health.accept(part, ready);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
