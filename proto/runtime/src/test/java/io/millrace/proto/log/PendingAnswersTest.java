package io.millrace.proto.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PendingAnswersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final PendingAnswers<ReplyRecord> pending = new PendingAnswers<>(KafkaCommandLog::unanswered);

    @Test
    void anAnswerGoesToTheWaiterOfItsNumberOnce() {
        CompletableFuture<ReplyRecord> first = new CompletableFuture<>();
        CompletableFuture<ReplyRecord> second = new CompletableFuture<>();
        long number = pending.await(first, PATIENCE, 0, null, reply -> true);
        pending.await(second, PATIENCE, 0, null, reply -> true);
        ReplyRecord reply = ReplyRecord.newBuilder().setReplySequence(number).build();
        pending.answer(number, reply);
        pending.answer(number, ReplyRecord.getDefaultInstance());
        assertSame(reply, first.join());
        assertFalse(second.isDone());
        assertEquals(1, pending.size());
    }

    @Test
    void anAnswerToWhatTheProcessBeforeAskedGoesToNobody() {
        PendingAnswers<ReplyRecord> before = new PendingAnswers<>(KafkaCommandLog::unanswered);
        CompletableFuture<ReplyRecord> waiter = new CompletableFuture<>();
        pending.await(waiter, PATIENCE, 0, null, reply -> true);
        pending.answer(
                before.await(new CompletableFuture<>(), PATIENCE, 0, null, reply -> true),
                ReplyRecord.getDefaultInstance());
        assertFalse(waiter.isDone());
    }

    @Test
    void anAnswerToACommandThatSeemedUnwrittenGoesToWhoeverTakesLateOnes() {
        List<ReplyRecord> late = new ArrayList<>();
        CompletableFuture<ReplyRecord> waiter = new CompletableFuture<>();
        long number = pending.await(waiter, PATIENCE, 0, late::add, reply -> true);
        pending.fail(number, new CommandLogException("not acknowledged", true, null));
        assertTrue(waiter.isCompletedExceptionally());
        ReplyRecord reply = ReplyRecord.newBuilder().setReplySequence(number).build();
        pending.answer(number, reply);
        assertEquals(List.of(reply), late);
        assertEquals(0, pending.size());
    }

    @Test
    void whoeverWaitsTooLongHearsThatTheCommandMayTakeEffect() {
        CompletableFuture<ReplyRecord> waiter = new CompletableFuture<>();
        pending.await(waiter, PATIENCE, 0, null, reply -> true);
        pending.sweep(Duration.ofMillis(999).toNanos());
        assertFalse(waiter.isDone());
        pending.sweep(Duration.ofSeconds(1).toNanos());
        CompletionException failure = assertThrows(CompletionException.class, waiter::join);
        Status status = RefusalStatus.of(assertInstanceOf(CommandLogException.class, failure.getCause()));
        assertEquals(Status.Code.UNAVAILABLE, status.getCode());
        assertTrue(status.getDescription().contains("may still take effect"), status.getDescription());
        assertEquals(0, pending.size());
    }

    @Test
    void eachWaitsAsLongAsItsPatienceLasts() {
        CompletableFuture<ReplyRecord> patient = new CompletableFuture<>();
        CompletableFuture<ReplyRecord> other = new CompletableFuture<>();
        pending.await(patient, PATIENCE.multipliedBy(2), 0, null, reply -> true);
        pending.await(other, PATIENCE, 0, null, reply -> true);
        pending.sweep(PATIENCE.toNanos());
        assertTrue(other.isCompletedExceptionally());
        assertFalse(patient.isDone());
        pending.sweep(PATIENCE.multipliedBy(2).toNanos());
        assertTrue(patient.isCompletedExceptionally());
    }

    @Test
    void anAnswerThatComesTooLateGoesToWhoeverAskedForItOnceAndNotForEver() {
        List<ReplyRecord> late = new ArrayList<>();
        long soon = pending.await(new CompletableFuture<>(), PATIENCE, 0, late::add, reply -> true);
        long never = pending.await(new CompletableFuture<>(), PATIENCE, 0, late::add, reply -> true);
        pending.sweep(Duration.ofSeconds(2).toNanos());
        assertEquals(0, pending.size(), "nobody waits any more");
        ReplyRecord reply = ReplyRecord.newBuilder().setReplySequence(soon).build();
        pending.answer(soon, reply);
        pending.answer(soon, reply);
        assertEquals(List.of(reply), late);

        pending.sweep(Duration.ofSeconds(100).toNanos());
        pending.answer(never, ReplyRecord.getDefaultInstance());
        assertEquals(1, late.size());
        assertEquals(0, pending.size());
    }

    @Test
    void closingLetsAllGoAlsoThoseToCome() {
        CompletableFuture<ReplyRecord> before = new CompletableFuture<>();
        CompletableFuture<ReplyRecord> after = new CompletableFuture<>();
        pending.await(before, PATIENCE, 0, null, reply -> true);
        pending.close(new IllegalStateException("closed"));
        pending.await(after, PATIENCE, 0, null, reply -> true);
        assertTrue(before.isCompletedExceptionally());
        assertTrue(after.isCompletedExceptionally());
    }

    @ParameterizedTest
    @EnumSource(
            value = RefusalReason.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"REFUSAL_REASON_UNSPECIFIED", "UNRECOGNIZED"})
    void aRefusalIsTheStatusOfItsNameWithItsText(RefusalReason reason) {
        Status status = RefusalStatus.of(Refusal.newBuilder()
                .setReason(reason)
                .setText("expected a, but got b")
                .build());
        String name = reason == RefusalReason.POISON ? "INTERNAL" : reason.name();
        assertEquals(name, status.getCode().name());
        assertEquals("expected a, but got b", status.getDescription());
    }

    /** Somebody else's answer takes nobody's place. */
    @Test
    void anAnswerToAnotherCommandIsDropped() {
        ReplyRecord own = ReplyRecord.newBuilder().setNode("own").build();
        CompletableFuture<ReplyRecord> waiter = new CompletableFuture<>();
        List<ReplyRecord> late = new ArrayList<>();
        long number = pending.await(waiter, PATIENCE, 0, late::add, own::equals);
        pending.answer(number, ReplyRecord.getDefaultInstance());
        assertFalse(waiter.isDone());

        pending.sweep(PATIENCE.toNanos());
        pending.answer(number, ReplyRecord.getDefaultInstance());
        assertEquals(List.of(), late);
        pending.answer(number, own);
        assertEquals(List.of(own), late);
    }
}
