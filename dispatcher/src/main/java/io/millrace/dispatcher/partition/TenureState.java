package io.millrace.dispatcher.partition;

import java.util.EnumSet;
import java.util.Set;

/**
 * How a node stands to a partition that Kafka Streams gave it, what it may do with it then, and what can follow. Everything
 * that one asks before it speaks in the name of a partition stands in this table and nowhere else.
 */
public enum TenureState {
    /** The command with which the tenure begins is being written. */
    OPENING(false, false, false, Answers.GIVEN),
    /** It stands in the log; what was acknowledged before it is carried out. */
    CATCHING_UP(false, false, false, Answers.GIVEN),
    /** It was carried out, and whoever had the partition before has it no more. */
    OWNING(true, true, true, Answers.GIVEN),
    /** As owning, but it is not certain at this moment that no other node owns the partition. */
    LAPSED(false, false, false, Answers.GIVEN),
    /** The log says that another tenure began later. Either it is so, or that command came late; Kafka's group knows. */
    CONTESTED(false, false, false, Answers.HELD),
    /** The partition was taken away, or failed here. */
    OVER(false, false, false, Answers.DROPPED);

    /**
     * What becomes of answers to commands. Another carries out the same commands and gives the same answers, but for those that were
     * committed here: {@link GatedAnswers} gives these all the same.
     */
    enum Answers {
        GIVEN,
        HELD,
        DROPPED
    }

    private final boolean reads;
    private final boolean levels;
    private final boolean timers;
    private final Answers answers;

    TenureState(boolean reads, boolean levels, boolean timers, Answers answers) {
        this.reads = reads;
        this.levels = levels;
        this.timers = timers;
        this.answers = answers;
    }

    /** @return whether reads and watches are answered */
    public boolean reads() {
        return reads;
    }

    /** @return whether it is said how much work stands ready */
    public boolean levels() {
        return levels;
    }

    /** @return whether what is due is written to the log */
    public boolean timers() {
        return timers;
    }

    Answers answers() {
        return answers;
    }

    /** @return what can come next */
    public Set<TenureState> next() {
        return switch (this) {
            case OPENING -> EnumSet.of(CATCHING_UP, OWNING, CONTESTED, OVER);
            case CATCHING_UP -> EnumSet.of(OWNING, CONTESTED, OVER);
            case OWNING -> EnumSet.of(LAPSED, CONTESTED, OVER);
            case LAPSED -> EnumSet.of(OWNING, CONTESTED, OVER);
            case CONTESTED -> EnumSet.of(OPENING, OVER);
            case OVER -> EnumSet.noneOf(TenureState.class);
        };
    }
}
