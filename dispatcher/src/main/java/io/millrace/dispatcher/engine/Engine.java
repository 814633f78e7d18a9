package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.*;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.state.Applier;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Sealer;
import io.millrace.dispatcher.engine.store.StorageException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The deterministic heart: commands in, events out. Same commands, same state, same events, byte for byte, on any machine
 * and at any time. It looks at no clock, random source, network, disk or configuration; all of that comes in with the
 * command. One engine serves one partition, on one thread.
 */
public final class Engine {

    /** What nodes say that do not know a command, in the words in which they do. */
    private static final Refusal UNKNOWN = new Refusal(
            Refusal.Reason.POISON,
            "expected a record that can be decoded, but this cannot: expected a command that rules version known here can carry"
                    + " out, but the record has none");

    private final PartitionState state;
    private final Home home;
    private final Applier applier;
    private final Sealer sealer;
    private final OutcomeHash outcomeHash = new OutcomeHash();
    private @Nullable Throwable broken;

    /** Carries out the commands of the only partition on this state. */
    public Engine(PartitionState state) {
        this(state, Home.ONLY);
    }

    /** Carries out commands on the state of the partition. */
    public Engine(PartitionState state, Home home) {
        this.state = state;
        this.home = home;
        this.applier = new Applier(state);
        this.sealer = new Sealer(state);
    }

    /**
     * Carries out one command of which nothing is known.
     *
     * @see #process(CommandMeta, Command, Map)
     */
    public Outcome process(CommandMeta meta, Command command) {
        return process(meta, command, Map.of());
    }

    /**
     * Carries out one command.
     *
     * @param knownFailures parts of this very command that failed while they were applied, when it was carried out
     *     before, with the names of the exceptions. They are refused before they begin
     * @return what came of it; an engine that fails to decide is a refusal like any other, since a partition must not stop for
     *     one record
     * @throws StorageException a store could not be read; says nothing of the command
     * @throws HalfAppliedException the engine failed between the events of a part. After either, the state must be
     *     opened anew from what is committed, and the command carried out again. The same holds after an error of the
     *     machine
     */
    public Outcome process(CommandMeta meta, Command command, Map<Integer, String> knownFailures) {
        expectWhole();
        if (state.rules() < Rules.knownSince(command)) {
            return refuse(meta, UNKNOWN);
        }
        state.advanceTime(meta);
        int rules = state.rules();
        byte[] cause = outcomeHash.cause(meta, state.timeMs(), rules);
        CommandRun run = new CommandRun(state, applier, sealer, meta, home.partition(), cause, knownFailures);
        String stray = rules < Rules.IDS_AT_HOME ? null : home.stray(meta.orgId(), command);
        if (stray != null) {
            run.refuse(stray(stray));
            return finish(meta, run, rules, cause);
        }
        try {
            run.carryOutOrRefuse(command);
            return finish(meta, run, rules, cause);
        } catch (Throwable e) { // errors too: memory may run out between two events
            broken = e;
            throw e;
        }
    }

    private Refusal stray(String what) {
        return new Refusal(
                Refusal.Reason.POISON,
                "expected a command about what is at home in partition " + home.partition() + " of " + home.partitions()
                        + ", but it is about " + what + ": nobody would ever find it here");
    }

    /**
     * Makes sure that no half of a command gets into the store.
     *
     * @throws IllegalStateException a command failed half-way: the state has to be opened anew
     */
    public void expectWhole() {
        if (broken != null) {
            throw new IllegalStateException(
                    "expected a state of whole commands, but the engine failed in the middle of one", broken);
        }
    }

    /** Puts into the log's outcomes a record that could not even be decoded. */
    public Outcome refuse(CommandMeta meta, Refusal refusal) {
        expectWhole();
        byte[] cause = outcomeHash.cause(meta, state.timeMs(), state.rules());
        CommandRun run = new CommandRun(state, applier, sealer, meta, home.partition(), cause, Map.of());
        run.refuse(refusal);
        return finish(meta, run, state.rules(), cause);
    }

    private Outcome finish(CommandMeta meta, CommandRun run, int rules, byte @Nullable [] cause) {
        byte[] hash = outcomeHash.next(
                state.outcomesHash(),
                cause,
                meta,
                run.refusal(),
                run.events(),
                OutcomeHash.state(state.appendedMs(), run.settled(), rules));
        state.outcomesHash(hash);
        state.carriedOut(meta.offset(), meta.commandId());
        state.changes().end();
        return new Outcome(
                run.refusal(),
                run.answer(),
                run.events(),
                run.outgoing(),
                state.timeMs(),
                rules,
                hash,
                state.appendedMs(),
                run.settled(),
                state.drainTraced(),
                run.failure());
    }
}
