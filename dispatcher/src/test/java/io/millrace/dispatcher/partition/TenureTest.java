package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.EndTenure;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.LastTenure;
import io.millrace.dispatcher.partition.TenureState.Answers;
import io.millrace.proto.Ids;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a node comes to own a partition, and how it loses it, step by step. */
class TenureTest {

    private static final UUID OTHER = new UUID(1, 1);
    private static final Instance INSTANCE = new Instance(77);

    private final WrittenCommands log = new WrittenCommands();
    private final ScriptedLease lease = new ScriptedLease();
    private final AtomicLong nanoTime = new AtomicLong(1_000);
    private final List<String> announced = new ArrayList<>();
    private Tenure tenure;
    private long timeMs = 4_711;
    private boolean newestRulesKnown;

    private long readLeaseNanos = Lease.LENGTH_NANOS;
    private int rules = Rules.VERSION;

    private Tenure open(UUID formerId, String formerNode) {
        return open(new LastTenure(formerId, formerNode, 0, false));
    }

    private Tenure open(LastTenure former) {
        tenure = new Tenure(
                3,
                new TenureLog(3, "here", log, () -> timeMs),
                new TenureContext(
                        INSTANCE,
                        () -> lease,
                        new Announced(),
                        nanoTime::get,
                        () -> newestRulesKnown,
                        partition -> new CompletableFuture<>(),
                        readLeaseNanos),
                former,
                () -> rules);
        tenure.open();
        return tenure;
    }

    private final class Announced implements Announcements {
        @Override
        public void opening(int partition) {
            announced.add("opening");
        }

        @Override
        public void owning(int partition, long begunAt) {
            announced.add("owning " + begunAt);
        }

        @Override
        public void over(int partition, long begunAt) {
            announced.add("over " + begunAt);
        }
    }

    private Tenure owning() throws InterruptedException {
        open(null, "");
        log.take().done().accept(null);
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 7);
        assertEquals(TenureState.OWNING, tenure.state());
        return tenure;
    }

    private void otherBegins(long offset) {
        tenure.passed(new BeginTenure(OTHER, "there", 1, 0, 0, 0), offset);
    }

    @ParameterizedTest
    @EnumSource(TenureState.class)
    void onlyWhoOwnsSpeaksForThePartition(TenureState state) {
        boolean owns = state == TenureState.OWNING;
        assertEquals(owns, state.reads());
        assertEquals(owns, state.levels());
        assertEquals(owns, state.timers());
    }

    @ParameterizedTest
    @EnumSource(TenureState.class)
    void everyStateCanEndAndNoneGoesOnAfterTheEnd(TenureState state) {
        Set<TenureState> next = state.next();
        assertEquals(state != TenureState.OVER, next.contains(TenureState.OVER));
        assertFalse(next.contains(state));
        assertEquals(state == TenureState.CONTESTED, next.contains(TenureState.OPENING));
        assertEquals(
                EnumSet.of(TenureState.OPENING, TenureState.CATCHING_UP, TenureState.LAPSED)
                        .contains(state),
                next.contains(TenureState.OWNING));
    }

    @Test
    void aPartitionIsOwnedOnceTheCommandOfThisTenureHasComeThrough() throws Exception {
        open(null, "");
        assertEquals(TenureState.OPENING, tenure.state());
        WrittenCommands.Written begin = log.take();
        assertEquals(3, begin.partition());
        assertEquals("here", begin.command().getBeginTenure().getNode());
        assertEquals(4_711, begin.command().getBeginTenure().getOwnedUntilMs());
        assertEquals(tenure.id(), Ids.fromBytes(begin.command().getBeginTenure().getTenureId()));

        begin.done().accept(null);
        tenure.look();
        assertEquals(TenureState.CATCHING_UP, tenure.state());
        assertEquals(Answers.GIVEN, tenure.answers(), "their callers wait");
        otherBegins(5); // an earlier owner, long gone
        assertEquals(TenureState.CATCHING_UP, tenure.state());

        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 9);
        assertEquals(TenureState.OWNING, tenure.state());
        assertEquals(List.of("opening", "owning 9"), announced);
    }

    private int rulesOfNewLog() throws InterruptedException {
        open(null, "");
        return log.take().command().getBeginTenure().getRulesOfNewLog();
    }

    @Test
    void aNewLogBeginsUnderTheNewestRulesIfItIsCertainThatAllKnowThem() throws Exception {
        timeMs = 0;
        assertEquals(0, rulesOfNewLog(), "another node is older");
        newestRulesKnown = true;
        assertEquals(Rules.VERSION, rulesOfNewLog());
        lease.holds = false;
        assertEquals(0, rulesOfNewLog(), "there may be nodes that were not heard of yet");
    }

    @Test
    void ofALogThatIsNotNewTheBeginningSaysNoRules() throws Exception {
        newestRulesKnown = true;
        assertEquals(0, rulesOfNewLog());
    }

    @Test
    void theCommandMayComeThroughBeforeItIsAcknowledged() throws Exception {
        open(null, "");
        WrittenCommands.Written begin = log.take();
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 0);
        begin.done().accept(null);
        tenure.look();
        assertEquals(TenureState.OWNING, tenure.state());
    }

    @Test
    void aBeginningThatKafkaDidNotTakeIsWrittenAgain() throws Exception {
        open(null, "");
        WrittenCommands.Written first = log.take();
        first.done().accept(new IllegalStateException("no broker"));
        tenure.look();
        assertEquals(0, log.waiting(), "a moment later, not at once");

        nanoTime.addAndGet(150_000_000);
        tenure.look();
        WrittenCommands.Written second = log.take();
        assertEquals(
                first.command().getBeginTenure().getTenureId(),
                second.command().getBeginTenure().getTenureId());
        second.done().accept(new IllegalStateException("no broker"));
        nanoTime.addAndGet(150_000_000);
        tenure.look();
        assertEquals(0, log.waiting(), "with longer and longer pauses");
    }

    @Test
    void aBeginningThatIsLostFromTheLogIsWrittenAgain() throws Exception {
        open(null, "");
        log.take().done().accept(null);
        tenure.look();
        nanoTime.addAndGet(9_000_000_000L);
        tenure.passed(new EndTenure(OTHER, "there"), 1); // the log is still being read
        nanoTime.addAndGet(9_000_000_000L);
        tenure.look();
        assertEquals(0, log.waiting());
        nanoTime.addAndGet(2_000_000_000L);
        tenure.look();
        assertTrue(log.take().command().hasBeginTenure());
    }

    @Test
    void aLeaseThatCannotBeConfirmedLapsesAndComesBack() throws Exception {
        owning();
        lease.holds = false;
        assertEquals(TenureState.LAPSED, tenure.state());
        assertEquals(Answers.GIVEN, tenure.answers(), "the log says that nobody else began");
        lease.holds = true;
        assertEquals(TenureState.OWNING, tenure.state());
        assertEquals(List.of("opening", "owning 7"), announced);
    }

    @Test
    void whoTakesOverFromANodeThatDidNotSayGoodbyeAnswersNothingBeforeItsLeaseIsOver() throws Exception {
        lease.formerOwnersOut = false;
        open(OTHER, "there");
        assertEquals(Answers.HELD, tenure.answers());
        log.take().done().accept(null);
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 9);
        tenure.look();
        assertEquals(TenureState.CATCHING_UP, tenure.state());
        assertEquals(Answers.HELD, tenure.answers());

        lease.formerOwnersOut = true;
        assertEquals(Answers.GIVEN, tenure.answers());
        tenure.look();
        assertEquals(TenureState.OWNING, tenure.state());
    }

    @Test
    void anOwnerThatIsFoundInTheLogOnlyIsWaitedForAsWell() {
        lease.formerOwnersOut = false;
        open(null, "");
        assertEquals(Answers.GIVEN, tenure.answers());
        otherBegins(4);
        assertEquals(Answers.HELD, tenure.answers());
    }

    @Test
    void anOwnerThatEndedInOrderIsNotWaitedFor() {
        lease.formerOwnersOut = false;
        open(OTHER, "there");
        tenure.passed(new EndTenure(OTHER, "there"), 8);
        assertEquals(Answers.GIVEN, tenure.answers());
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 9);
        assertEquals(TenureState.OWNING, tenure.state());
    }

    @Test
    void theGoodbyeMayComeBehindTheBeginning() {
        lease.formerOwnersOut = false;
        open(OTHER, "there");
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 9);
        assertEquals(TenureState.OPENING, tenure.state());
        tenure.passed(new EndTenure(new UUID(2, 2), "elsewhere"), 10);
        assertEquals(TenureState.OPENING, tenure.state());
        tenure.passed(new EndTenure(OTHER, "there"), 11);
        assertEquals(TenureState.OWNING, tenure.state());
    }

    @Test
    void aTenureOfThisNodeBeforeIsNotWaitedFor() {
        lease.formerOwnersOut = false;
        open(INSTANCE.newTenure(), "here");
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 9);
        assertEquals(TenureState.OWNING, tenure.state());
    }

    @Test
    void anotherProcessThatHasTheNameOfThisNodeIsWaitedForAsAnyOther() {
        lease.formerOwnersOut = false;
        open(new Instance(78).newTenure(), "here");
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 9);
        assertEquals(TenureState.OPENING, tenure.state());
        assertEquals(Answers.HELD, tenure.answers());

        lease.formerOwnersOut = true;
        tenure.look();
        assertEquals(TenureState.OWNING, tenure.state());
    }

    @Test
    void whoSeesThatAnotherBeganLaterFallsSilentAtOnce() throws Exception {
        owning();
        otherBegins(20);
        assertEquals(TenureState.CONTESTED, tenure.state());
        assertEquals(Answers.HELD, tenure.answers());
        assertEquals("over 7", announced.getLast());
        tenure.look();
        assertEquals(TenureState.CONTESTED, tenure.state());

        tenure.close();
        assertEquals(TenureState.OVER, tenure.state());
        assertEquals(Answers.DROPPED, tenure.answers(), "the other gives them");
        assertEquals(0, log.waiting(), "the other's tenure is not spoken of");
    }

    @Test
    void aBeginningThatCameLateTakesThePartitionFromNobody() throws Exception {
        owning();
        UUID first = tenure.id();
        otherBegins(20);
        lease.confirmedAt = nanoTime.get();
        tenure.look();
        assertEquals(TenureState.CONTESTED, tenure.state(), "that was asked for before");

        lease.confirmedAt = nanoTime.get() + 1;
        tenure.look();
        assertEquals(TenureState.OPENING, tenure.state());
        assertNotEquals(first, tenure.id());
        log.take().done().accept(null);
        tenure.passed(new BeginTenure(first, "here", 1, 0, 0, 0), 21);
        assertEquals(TenureState.OPENING, tenure.state());
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 22);
        assertEquals(TenureState.OWNING, tenure.state());
        assertEquals(List.of("opening", "owning 7", "over 7", "opening", "owning 22"), announced);
    }

    @Test
    void whatOthersSayInTheLogSettlesNoContest() throws Exception {
        owning();
        otherBegins(20);
        tenure.passed(new EndTenure(OTHER, "there"), 21);
        assertEquals(TenureState.CONTESTED, tenure.state(), "the group knows, not the log");
        assertEquals(Answers.HELD, tenure.answers());

        lease.confirmedAt = nanoTime.get() + 1;
        tenure.look();
        assertEquals(TenureState.OPENING, tenure.state());
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 22);
        assertEquals(TenureState.OWNING, tenure.state());
    }

    @Test
    void aBeginningThatStandsTwiceInTheLogSettlesNoContest() throws Exception {
        owning();
        otherBegins(20);
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 21);
        assertEquals(TenureState.CONTESTED, tenure.state());

        tenure.passed(new EndTenure(OTHER, "there"), 22);
        assertEquals(TenureState.CONTESTED, tenure.state());
        assertEquals(List.of("opening", "owning 7", "over 7"), announced);
    }

    private static final long LONG_NANOS = 20_000_000_000L;

    /** What it wrote last comes through its log. */
    private UUID comesThrough(long offset) throws InterruptedException {
        io.millrace.proto.v1.BeginTenure written = log.take().command().getBeginTenure();
        tenure.passed(
                new BeginTenure(Ids.fromBytes(written.getTenureId()), "here", 1, 0, 0, written.getReadLeaseMs()),
                offset);
        return tenure.id();
    }

    @Test
    void aLongLeaseHoldsOnceTheLogHasToldOfIt() throws Exception {
        readLeaseNanos = LONG_NANOS;
        lease.ageNanos = LONG_NANOS - 1;
        open(null, "");
        comesThrough(7);
        assertEquals(TenureState.OWNING, tenure.state());
        assertTrue(tenure.settled());
        lease.ageNanos = LONG_NANOS;
        assertEquals(TenureState.LAPSED, tenure.state());
    }

    /** Nodes that know nothing of leases know nothing of these rules, and do not get that far. */
    @Test
    void aLongLeaseWaitsForTheRulesByWhichOthersHearOfIt() throws Exception {
        rules = Rules.READ_LEASES - 1;
        readLeaseNanos = LONG_NANOS;
        lease.ageNanos = Lease.LENGTH_NANOS;
        open(null, "");
        UUID first = comesThrough(7);
        assertEquals(TenureState.LAPSED, tenure.state());
        assertTrue(tenure.raisesRules(), "or else it would never change");
        assertEquals(0, log.waiting());

        rules = Rules.READ_LEASES;
        tenure.passed(new RaiseRules(Rules.READ_LEASES), 8);
        assertEquals(TenureState.LAPSED, tenure.state(), "its second beginning is under way");
        assertFalse(tenure.settled());
        assertEquals(1, log.waiting());
        assertNotEquals(first, comesThrough(9));
        assertEquals(TenureState.OWNING, tenure.state());
        assertTrue(tenure.settled());
        assertEquals(List.of("opening", "owning 7", "owning 9"), announced);

        tenure.close();
        assertEquals(
                tenure.id(), Ids.fromBytes(log.take().command().getEndTenure().getTenureId()));
    }

    @Test
    void aSecondBeginningThatIsLostIsWrittenAgain() throws Exception {
        rules = Rules.READ_LEASES - 1;
        readLeaseNanos = LONG_NANOS;
        open(null, "");
        comesThrough(7);
        rules = Rules.READ_LEASES;
        tenure.passed(new RaiseRules(Rules.READ_LEASES), 8);
        log.take().done().accept(new IllegalStateException("no broker"));
        nanoTime.addAndGet(150_000_000);
        tenure.look();
        assertEquals(1, log.waiting());
        assertEquals(TenureState.OWNING, tenure.state(), "by the usual lease meanwhile");
    }

    @Test
    void theLongestLeaseOfThoseBeforeIsWaitedForWhateverThisNodeHas() throws Exception {
        lease.givenForNanos = LONG_NANOS;
        open(OTHER, "there");
        tenure.passed(new BeginTenure(new UUID(2, 2), "elsewhere", 1, 0, 0, 20_000), 4);
        tenure.passed(new BeginTenure(OTHER, "there", 1, 0, 0, 0), 5);
        comesThrough(9);
        assertEquals(Answers.HELD, tenure.answers());
        lease.givenForNanos = LONG_NANOS + 1;
        tenure.look();
        assertEquals(TenureState.OWNING, tenure.state());
    }

    @Test
    void whatTheStateKnowsOfLeasesBeforeCountsAsWell() throws Exception {
        lease.givenForNanos = LONG_NANOS;
        open(new LastTenure(OTHER, "there", 20_000, true));
        comesThrough(9);
        assertEquals(Answers.HELD, tenure.answers());
    }

    /** It may have been given the partition back while the one before it still answers. */
    @Test
    void aTenureOfThisNodeIsWaitedForIfItStillWaitedForAnother() throws Exception {
        lease.givenForNanos = Lease.LENGTH_NANOS;
        open(new LastTenure(OTHER, "there", 0, false).followedBy(INSTANCE.newTenure(), "here", 0));
        comesThrough(9);
        assertEquals(Answers.HELD, tenure.answers());
        lease.givenForNanos = Lease.LENGTH_NANOS + 1;
        tenure.look();
        assertEquals(TenureState.OWNING, tenure.state());
    }

    /** Whoever came next would wait for nobody, though the one before may still answer. */
    @Test
    void aTenureThatNeverOwnedSaysNoGoodbye() throws Exception {
        lease.formerOwnersOut = false;
        open(OTHER, "there");
        comesThrough(9);
        tenure.close();
        assertEquals(0, log.waiting());
        assertEquals("over 9", announced.getLast());
    }

    @Test
    void itsEndStandsInTheLogOnce() throws Exception {
        owning();
        tenure.close();
        tenure.close();
        assertEquals(
                tenure.id(), Ids.fromBytes(log.take().command().getEndTenure().getTenureId()));
        assertEquals(0, log.waiting());
        assertEquals(List.of("opening", "owning 7", "over 7"), announced);
    }

    @Test
    void afterItsEndNothingBringsItBack() throws Exception {
        owning();
        tenure.close();
        tenure.passed(new BeginTenure(tenure.id(), "here", 1, 0, 0, 0), 30);
        otherBegins(31);
        tenure.look();
        assertEquals(TenureState.OVER, tenure.state());
    }
}
