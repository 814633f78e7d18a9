package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.EndTenure;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.LastTenure;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time in which this node has a partition. It begins by a command in the partition's own log. Once that has been
 * carried out, so has all that was acknowledged before it. Whoever reads the log further knows who owns the partition.
 * Of two tenures the one whose command stands later is right.
 *
 * <p>The log alone would do if no owner ever slept: one that does not read on does not see that another began. So reads
 * also ask the {@link Lease}. Whoever takes over from a node that did not say goodbye answers nothing before that
 * node's lease is over. Each tenure says in the log for how long it takes its lease, so whoever comes next knows what to wait for,
 * whatever settings that node has.
 *
 * <p>The stream thread drives it; {@link #state} is safe on any thread.
 */
public final class Tenure {

    /** Instead of an offset: the tenure has not begun. */
    public static final long NOT_BEGUN = -1;

    private static final Logger LOG = LoggerFactory.getLogger(Tenure.class);

    private final int partition;
    private final TenureLog log;
    private final Lease lease;
    private final TenureContext context;
    private final IntSupplier rules;
    private volatile TenureState state = TenureState.OPENING;
    private volatile @Nullable Begin begin;
    private long begunAt = NOT_BEGUN;
    /** The tenures before this one that did not end in order. */
    private LastTenure former;
    /** How long its lease is taken: the usual time until the log tells otherwise. */
    private volatile long leaseNanos = Lease.LENGTH_NANOS;
    /** Whether it has begun, and begins once more, under rules by which the log tells of its lease. */
    private boolean beginsAgain;

    private long contestedAt;

    /**
     * @param former what the stored state knows of those before
     * @param rules version of the rules after the last command; asked on the stream thread
     */
    Tenure(int partition, TenureLog log, TenureContext context, LastTenure former, IntSupplier rules) {
        this.partition = partition;
        this.log = log;
        this.context = context;
        this.former = former;
        this.rules = rules;
        lease = context.lease().get();
    }

    /** Begins to begin. */
    void open() {
        beginsAgain = false;
        leaseNanos = Lease.LENGTH_NANOS;
        Begin first = newBegin();
        begin = first;
        context.announcements().opening(partition);
        first.write();
    }

    private Begin newBegin() {
        return new Begin(
                context.instance().newTenure(),
                log,
                context.nanoTime(),
                partition,
                rulesOfNewLog(),
                context.readLeaseToldMs());
    }

    /**
     * A lease that does not hold says that the group was not asked yet, so there may be nodes of which nothing is known. A log
     * that is not new goes on as it is, and its rules are raised later.
     */
    private int rulesOfNewLog() {
        boolean empty = log.timeMs() == 0;
        return empty && asked() && context.newestRulesKnown().getAsBoolean() ? Rules.VERSION : 0;
    }

    /** @return whether the group was asked not long ago, and had this node */
    private boolean asked() {
        return lease.holds(context.readLeaseNanos());
    }

    /** @return whether the rules of the log may be raised: even where its lease is too short for reads to be answered. Any thread */
    boolean raisesRules() {
        return state == TenureState.OWNING && asked();
    }

    /** @return what its command calls it */
    UUID id() {
        return begun().id();
    }

    private Begin begun() {
        return Objects.requireNonNull(begin, "a tenure that was opened");
    }

    /** @return how the node stands to the partition at this moment */
    public TenureState state() {
        TenureState now = state;
        return now == TenureState.OWNING && !lease.holds(leaseNanos) ? TenureState.LAPSED : now;
    }

    /** @return what becomes of answers now */
    TenureState.Answers answers() {
        return state == TenureState.OPENING || state == TenureState.CATCHING_UP
                ? formerIsOut() ? TenureState.Answers.GIVEN : TenureState.Answers.HELD
                : state.answers();
    }

    /** A command has been carried out. */
    void passed(@Nullable Command command, long offset) {
        if (state == TenureState.OVER) {
            return;
        }
        begun().passed();
        if (command instanceof BeginTenure other) {
            if (other.tenureId().equals(begun().id())) {
                begun(other, offset);
            } else {
                former = former.followedBy(other.tenureId(), other.node(), other.readLeaseMs());
                if (begunAt != NOT_BEGUN) {
                    contested(other, offset);
                }
            }
        } else if (command instanceof EndTenure end && end.tenureId().equals(former.id())) {
            former = LastTenure.NONE;
            ownIfFormerIsOut();
        } else if (command instanceof RaiseRules) {
            beginAgainIfTheLogCanTellOfItsLease();
        }
    }

    private void begun(BeginTenure own, long offset) {
        begunAt = offset;
        leaseNanos = own.readLeaseMs() > 0 && leasesAreTold() ? own.readLeaseMs() * 1_000_000L : Lease.LENGTH_NANOS;
        if (beginsAgain) {
            beginsAgain = false;
            if (state == TenureState.OWNING) {
                context.announcements().owning(partition, begunAt);
            }
        }
        ownIfFormerIsOut();
        beginAgainIfTheLogCanTellOfItsLease();
    }

    /** Nodes that do not know these rules do not get behind the place in the log where they begin. */
    private boolean leasesAreTold() {
        return rules.getAsInt() >= Rules.READ_LEASES;
    }

    /** It goes on as it is until the second command has come through. */
    private void beginAgainIfTheLogCanTellOfItsLease() {
        boolean toldAlready = leaseNanos == context.readLeaseNanos();
        if (toldAlready || beginsAgain || begunAt == NOT_BEGUN || state == TenureState.CONTESTED || !leasesAreTold()) {
            return;
        }
        beginsAgain = true;
        Begin again = newBegin();
        begin = again;
        again.write();
    }

    /** Goes on with what waits for time or for an answer of Kafka; to be called some ten times a second. */
    void look() {
        switch (state) {
            case OPENING, CATCHING_UP -> {
                if (state == TenureState.OPENING && begun().isWritten()) {
                    become(TenureState.CATCHING_UP);
                }
                if (begunAt == NOT_BEGUN || beginsAgain) {
                    begun().writeAgainIfLost();
                }
                ownIfFormerIsOut();
            }
            case CONTESTED -> {
                if (lease.confirmedSince(contestedAt)) {
                    LOG.info("partition {} is this node's all the same, and begins anew", partition);
                    become(TenureState.OPENING);
                    begunAt = NOT_BEGUN;
                    open();
                }
            }
            case OWNING -> {
                if (beginsAgain) {
                    begun().writeAgainIfLost();
                }
            }
            case LAPSED, OVER -> {}
        }
    }

    /** @return whether {@link #look} has nothing to go on with until the next command comes */
    boolean settled() {
        return state == TenureState.OWNING && !beginsAgain || state == TenureState.OVER;
    }

    /**
     * The partition is taken away, or gives up. Says so in the log only if it owns the partition. Otherwise whoever was there
     * before may still answer, and nobody would wait for it if the log said that the last tenure has ended.
     */
    void close() {
        boolean owned = state == TenureState.OWNING;
        if (state != TenureState.OVER) {
            become(TenureState.OVER);
            context.announcements().over(partition, begunAt);
            if (owned) {
                log.end(begun().id());
            }
        }
    }

    private boolean formerIsOut() {
        return isOut(former);
    }

    /** @return whether the lease of all who are known by now to have had the partition must have run out; to be asked on any thread */
    BooleanSupplier formerOwners() {
        LastTenure known = former;
        return () -> isOut(known);
    }

    private boolean isOut(LastTenure tenures) {
        return tenures.id() == null
                || isOfThisProcess(tenures)
                || lease.formerOwnersOut(Math.max(Lease.LENGTH_NANOS, tenures.readLeaseMs() * 1_000_000L));
    }

    /** Of the processes that have used this node's data folder no other is alive: that of another folder may well be. */
    private boolean isOfThisProcess(LastTenure tenures) {
        return !tenures.afterOthers()
                && tenures.node().equals(log.node())
                && context.instance().chose(tenures.id());
    }

    /** While it is contested the log cannot tell whose it is, whatever comes through it: {@link #look} asks the group. */
    private void ownIfFormerIsOut() {
        boolean begins = state == TenureState.OPENING || state == TenureState.CATCHING_UP;
        if (begins && begunAt != NOT_BEGUN && formerIsOut()) {
            become(TenureState.OWNING);
            context.announcements().owning(partition, begunAt);
        }
    }

    private void contested(BeginTenure other, long offset) {
        LOG.info(
                "partition {} is claimed by node {} at offset {}, after this node began at offset {}",
                partition,
                other.node(),
                offset,
                begunAt);
        contestedAt = context.nanoTime().getAsLong();
        if (state != TenureState.CONTESTED) {
            become(TenureState.CONTESTED);
            context.announcements().over(partition, begunAt);
        }
    }

    private void become(TenureState next) {
        if (!state.next().contains(next)) {
            throw new IllegalStateException("expected the tenure of partition " + partition + ", which is " + state
                    + ", to become one of " + state.next() + ", but it was to become " + next);
        }
        state = next;
    }

    /** The command with which a tenure begins, on its way. */
    private static final class Begin {

        private static final long FIRST_PAUSE_NANOS = 100_000_000L;
        private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;
        /** So long nothing came through the log, and not this command either. */
        private static final long LOST_NANOS = 10_000_000_000L;

        private enum Fate {
            UNDER_WAY,
            WRITTEN,
            FAILED
        }

        private final UUID id;
        private final TenureLog log;
        private final LongSupplier nanoTime;
        private final int partition;
        private final long ownedUntilMs;
        private final int rulesOfNewLog;
        private final int readLeaseMs;
        private volatile Fate fate = Fate.UNDER_WAY;
        private long pauseNanos = FIRST_PAUSE_NANOS;
        private long sinceNanos;

        private Begin(
                UUID id, TenureLog log, LongSupplier nanoTime, int partition, int rulesOfNewLog, int readLeaseMs) {
            this.id = id;
            this.log = log;
            this.nanoTime = nanoTime;
            this.partition = partition;
            this.rulesOfNewLog = rulesOfNewLog;
            this.readLeaseMs = readLeaseMs;
            ownedUntilMs = log.timeMs();
        }

        UUID id() {
            return id;
        }

        boolean isWritten() {
            return fate == Fate.WRITTEN;
        }

        void passed() {
            sinceNanos = nanoTime.getAsLong();
        }

        void write() {
            sinceNanos = nanoTime.getAsLong();
            fate = Fate.UNDER_WAY;
            log.begin(id, ownedUntilMs, rulesOfNewLog, readLeaseMs, failure -> {
                if (failure == null) {
                    fate = Fate.WRITTEN;
                } else {
                    LOG.warn(
                            "could not write that the tenure of partition {} begins, will try again",
                            partition,
                            failure);
                    fate = Fate.FAILED;
                }
            });
        }

        void writeAgainIfLost() {
            long forNanos = nanoTime.getAsLong() - sinceNanos;
            if (fate == Fate.FAILED && forNanos >= pauseNanos || fate == Fate.WRITTEN && forNanos >= LOST_NANOS) {
                pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
                write();
            }
        }
    }
}
