package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.proto.v1.ReplyRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** No answer holds up the partitions of a stream thread, and answers keep their order. */
class AnswerHandOverTest {

    private final BlockingQueue<Given> given = new LinkedBlockingQueue<>();

    private record Given(long number, Thread by) {}

    private static ReplyRecord small(long number) {
        return ReplyRecord.newBuilder().setNode("n").setReplySequence(number).build();
    }

    private static ReplyRecord large(long number) {
        return small(number).toBuilder()
                .setNodeBytes(ByteString.copyFrom(new byte[AnswerHandOver.SMALL_BYTES]))
                .build();
    }

    private void take(ReplyRecord reply) {
        given.add(new Given(reply.getReplySequence(), Thread.currentThread()));
    }

    private Given next() throws InterruptedException {
        Given next = given.poll(60, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("expected an answer within 60 s, but none was given");
        }
        return next;
    }

    @Test
    void aSmallAnswerIsGivenAtOnceByTheStreamThreadItself() {
        try (AnswerHandOver answers = new AnswerHandOver(this::take)) {
            answers.deliver(small(1));
            assertSame(Thread.currentThread(), given.remove().by());
        }
    }

    @Test
    void whoIsSlowWithALargeAnswerHoldsNobodyUpAndTheOrderStays() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        AnswerHandOver answers = new AnswerHandOver(reply -> {
            awaitUninterrupted(slow);
            take(reply);
        });
        answers.deliver(large(1));
        LongStream.rangeClosed(2, 100).mapToObj(AnswerHandOverTest::small).forEach(answers::deliver);
        assertTrue(given.isEmpty());

        slow.countDown();

        List<Long> order = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Given next = next();
            assertNotSame(Thread.currentThread(), next.by());
            order.add(next.number());
        }
        assertEquals(LongStream.rangeClosed(1, 100).boxed().toList(), order);
        answers.close();
    }

    @Test
    void whoeverFailsToHearAnAnswerIsNoAffairOfThePartition() throws Exception {
        try (AnswerHandOver answers = new AnswerHandOver(reply -> {
            take(reply);
            throw new IllegalStateException("broken, for the test");
        })) {
            answers.deliver(small(1));
            answers.deliver(large(2));
            answers.deliver(large(3));
            assertEquals(List.of(1L, 2L, 3L), List.of(next().number(), next().number(), next().number()));
        }
    }

    @Test
    void notEvenAnErrorKeepsTheAnswersBehindItBack() throws Exception {
        try (AnswerHandOver answers = new AnswerHandOver(reply -> {
            take(reply);
            throw new AssertionError("broken, for the test");
        })) {
            answers.deliver(large(1));
            answers.deliver(large(2));
            answers.deliver(small(3));
            assertEquals(List.of(1L, 2L, 3L), List.of(next().number(), next().number(), next().number()));
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("expected to wait, but was interrupted", e);
        }
    }
}
