package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.topology.group.ClockSetBackException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.api.Test;

/** Stream threads that fail, once and again and again. */
class ThreadFailuresTest {

    private final List<Long> pauses = new ArrayList<>();
    private long nanos;
    private final ThreadFailures failures = new ThreadFailures(() -> nanos, this::pause);

    private void pause(long millis, CountDownLatch over) {
        pauses.add(millis);
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
        assertTrue(failures.trouble().isPresent(), "the node is not ready meanwhile");
    }

    private void fail(Throwable failure) {
        assertEquals(StreamThreadExceptionResponse.REPLACE_THREAD, failures.handle(failure));
        assertTrue(failures.trouble().isEmpty());
    }

    private static StreamsException storage() {
        return new StreamsException(
                "in a processor", new StorageException("disk full", new IllegalStateException("no space")));
    }

    @Test
    void whatFailsAgainAndAgainIsTriedMoreAndMoreSeldom() {
        for (int i = 0; i < 12; i++) {
            fail(storage());
        }
        assertEquals(
                List.of(100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 12_800L, 25_600L, 30_000L, 30_000L, 30_000L),
                pauses);
    }

    @Test
    void whatHasGoneWellForAWhileIsTriedSoon() {
        fail(storage());
        fail(storage());
        nanos += TimeUnit.MINUTES.toNanos(3);
        fail(storage());
        assertEquals(List.of(100L, 200L, 100L), pauses);
    }

    @Test
    void anotherKindOfFailureIsAFirstOne() {
        fail(storage());
        fail(storage());
        fail(new FencedInstanceIdException("another has this name"));
        assertEquals(100L, pauses.getLast());
    }

    @Test
    void aThreadThatGoesOnDoesNotHideThatAnotherStillWaits() throws Exception {
        Map<Long, CountDownLatch> begun = Map.of(100L, new CountDownLatch(1), 200L, new CountDownLatch(1));
        Map<Long, CountDownLatch> over = Map.of(100L, new CountDownLatch(1), 200L, new CountDownLatch(1));
        ThreadFailures ofTwo = new ThreadFailures(() -> 0, (millis, ended) -> {
            begun.get(millis).countDown();
            over.get(millis).await();
        });
        Thread first = Thread.ofPlatform().start(() -> ofTwo.handle(storage()));
        begun.get(100L).await();
        Thread second = Thread.ofPlatform().start(() -> ofTwo.handle(storage()));
        begun.get(200L).await();

        over.get(100L).countDown();
        first.join();
        assertEquals(Optional.of("a stream thread failed (STORAGE), and is replaced within 200 ms"), ofTwo.trouble());
        over.get(200L).countDown();
        second.join();
        assertEquals(Optional.empty(), ofTwo.trouble());
    }

    @Test
    void whereTheGroupWaitsForTheThreadItsPauseIsOverButNotAgainAndAgain() throws Exception {
        BlockingQueue<CountDownLatch> begun = new LinkedBlockingQueue<>();
        AtomicLong now = new AtomicLong();
        ThreadFailures waiting = new ThreadFailures(now::get, (millis, over) -> {
            begun.add(over);
            over.await();
        });
        waiting.hurry(); // nobody is in a pause, so that does not count
        Thread first = Thread.ofPlatform().start(() -> waiting.handle(storage()));
        begun.take();
        waiting.hurry();
        first.join();

        Thread second = Thread.ofPlatform().start(() -> waiting.handle(storage()));
        CountDownLatch over = begun.take();
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(29_999));
        waiting.hurry();
        assertEquals(1, over.getCount());
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
        waiting.hurry();
        second.join();
        Thread third = Thread.ofPlatform().start(() -> waiting.handle(storage()));
        begun.take();
        waiting.close();
        third.join();
        waiting.handle(storage()); // and none begins any more
    }

    @Test
    void aClockThatWasSetBackIsSaidByItsName() {
        assertEquals(
                "CLOCK_SET_BACK",
                FailureKind.of(new StreamsException(new ClockSetBackException(60_000)))
                        .name());
    }

    @Test
    void theInnermostCauseThatIsKnownTellsTheKind() {
        assertEquals(FailureKind.STORAGE, FailureKind.of(storage()));
        assertEquals(FailureKind.FENCED, FailureKind.of(new StreamsException(new FencedInstanceIdException("x"))));
        assertEquals(
                FailureKind.FENCED,
                FailureKind.of(new StorageException("expected to write", new CommitFailedException("no member"))));
        assertEquals(FailureKind.KAFKA_AWAY, FailureKind.of(new StreamsException(new TimeoutException("x"))));
        assertEquals(
                FailureKind.FORBIDDEN,
                FailureKind.of(new StreamsException(new TopicAuthorizationException("commands"))));
        assertEquals(FailureKind.UNEXPECTED, FailureKind.of(new StreamsException(new NullPointerException())));
    }
}
