package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A machine whose time of day is set back while its stream threads read. No Kafka is there, so nothing else ends a poll. */
class MemberConsumerTest {

    private static final Duration SHORT = Duration.ofMillis(1);

    private final CountDownLatch seen = new CountDownLatch(1);
    private final Clock clock = new Clock();
    private final AtomicInteger polls = new AtomicInteger();
    private final MemberConsumer consumer = new MemberConsumer(
            Map.of(
                    ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1",
                    ConsumerConfig.GROUP_ID_CONFIG, "group",
                    ConsumerConfig.CLIENT_ID_CONFIG, "thread-1-consumer"),
            clock,
            now -> polls.incrementAndGet(),
            closed -> {});

    private static final class Clock implements GroupClock {
        private volatile long wallMs = 1_700_000_000_000L;

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public long wallMs() {
            return wallMs;
        }
    }

    @AfterEach
    void close() {
        consumer.close();
    }

    private void subscribe() {
        consumer.subscribe(List.of("commands"));
    }

    @Test
    void oneThatWasMadeBeforeTheClockWentBackIsOfNoUseAnyMore() {
        subscribe();
        consumer.poll(SHORT);
        assertEquals(1, polls.get());

        clock.wallMs -= 60_000;
        ClockSetBackException set = assertThrows(ClockSetBackException.class, () -> consumer.poll(SHORT));
        assertEquals(
                "expected the time of day to go on, but it was set back by 60000 ms: Kafka's clients would send no heartbeats for so"
                        + " long, and are made anew",
                set.getMessage());
    }

    @Test
    void smallAdjustmentsDoNoHarmAndNeitherDoesAClockThatJumpsForward() {
        subscribe();
        clock.wallMs -= SetBack.LIMIT_MS;
        consumer.poll(SHORT);
        clock.wallMs += 3_600_000;
        consumer.look();
        consumer.poll(SHORT);
        assertEquals(2, polls.get());
    }

    @Test
    void aPollThatIsUnderWayIsEnded() throws Exception {
        subscribe();
        CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
            seen.countDown();
            consumer.poll(Duration.ofHours(1));
        });
        seen.await();
        clock.wallMs -= 60_000;
        consumer.look();
        CompletionException ended = assertThrows(
                CompletionException.class,
                () -> reading.orTimeout(60, TimeUnit.SECONDS).join());
        assertInstanceOf(ClockSetBackException.class, ended.getCause());
    }
}
