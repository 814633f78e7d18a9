package io.millrace.dispatcher.partition;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.dispatcher.codec.CommandDecoder;
import io.millrace.dispatcher.codec.OutcomeEncoder;
import io.millrace.dispatcher.engine.Engine;
import io.millrace.dispatcher.engine.HalfAppliedException;
import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.Ids;
import io.millrace.proto.TraceContext;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.trace.LoggedTrace;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the records of a partition's log upon its state. What comes out depends on the records and their places alone:
 * the same log gives the same outcomes and the same state, wherever and whenever. One thread.
 */
public final class RecordExecutor {

    private static final UUID NOBODY = new UUID(0, 0);

    private final int partition;
    private final PartitionState state;
    private final Engine engine;
    private final FailedParts failedParts;
    private final SeenNumbers numbers;
    private final Logger log;
    private final OutcomeHashes hashes = new OutcomeHashes();

    /**
     * What came of one record.
     *
     * @param command the record, an empty one where it could not be read
     * @param decoded what it asked for, null where that could not be decoded, or was not looked at since no node wrote it
     * @param verdict what its MAC and its number proved
     * @param hash SHA-256 of the record; null under rules that do not cover it
     */
    public record Executed(
            CommandRecord command,
            CommandMeta meta,
            @Nullable Command decoded,
            Outcome outcome,
            MacVerdict verdict,
            byte @Nullable [] hash) {

        /** @return the outcome as it stands on the events topic */
        public OutcomeRecord record() {
            return OutcomeEncoder.encode(command, meta.offset(), outcome, verdict, hash);
        }

        /** @return whether these bytes are that outcome */
        public boolean isRecord(byte[] recorded) {
            return OutcomeEncoder.isRecord(recorded, command, meta.offset(), outcome, verdict, hash);
        }

        /** @return the queue that was claimed from, null where nothing was */
        @Nullable
        QueueKey claimed() {
            Command.ClaimWork claims = switch (decoded) {
                case Command.ClaimWork alone -> alone;
                case Command.WithClaims ridden when outcome.refusal() == null -> ridden.claims();
                case null, default -> null; // every other command claims nothing
            };
            return claims == null ? null : new QueueKey(meta.orgId(), claims.workType(), claims.queue());
        }
    }

    /** Says who wrote a command: its MAC when it is decided for the first time, its outcome too when it is carried out again. */
    @FunctionalInterface
    public interface Writers {

        /** Nobody looks: as by rules 2, and in logs of tests. */
        Writers UNCHECKED = (offset, record, command) -> MacVerdict.MAC_UNCHECKED;

        /**
         * @return what is known of the writer of the command at the offset, which stands in the record. What its number says is found
         *     out behind that, unless they {@link #knowNumbers}: all that tells of numbers counts as {@link MacVerdict#MAC_VALID}
         * @throws PartitionStoppedException nobody can tell; nothing was done
         */
        MacVerdict of(long offset, byte[] record, CommandRecord command);

        /** @return whether they say as well what the number of a command proves */
        default boolean knowNumbers() {
            return false;
        }

        /**
         * @return the same, whose word on numbers counts: for commands of which not all that came before are carried out, or not by
         *     the same rules
         */
        default Writers knowingNumbers() {
            Writers them = this;
            return new Writers() {
                @Override
                public MacVerdict of(long offset, byte[] record, CommandRecord command) {
                    return them.of(offset, record, command);
                }

                @Override
                public boolean knowNumbers() {
                    return true;
                }
            };
        }
    }

    /**
     * @param home the partition whose state this is
     * @param failedParts what failed half-way before, and is refused
     */
    RecordExecutor(Home home, PartitionState state, FailedParts failedParts) {
        this(home, state, failedParts, LoggerFactory.getLogger(RecordExecutor.class));
    }

    /**
     * @param home the partition whose state this is
     * @param failedParts what failed half-way before, and is refused
     * @param log hears of commands that are passed over
     */
    public RecordExecutor(Home home, PartitionState state, FailedParts failedParts, Logger log) {
        this.partition = home.partition();
        this.state = state;
        this.engine = new Engine(state, home);
        this.failedParts = failedParts;
        this.numbers = new SeenNumbers(state);
        this.log = log;
    }

    /**
     * Makes sure that no half of a command gets into the store.
     *
     * @throws IllegalStateException a command failed half-way: the state has to be opened anew
     */
    void expectWhole() {
        engine.expectWhole();
    }

    /**
     * Carries out the record that stands next in the log.
     *
     * @param offset its place in the log
     * @param appendedMs when the broker took it in, milliseconds since the epoch
     * @param value the record, null for an empty one; what cannot be decoded becomes a refusal
     * @param writers say who wrote it; since rules 3 what no node wrote becomes a refusal, whatever it asks for, and since rules 4 so
     *     does what a node wrote and somebody else copied
     * @throws PartitionStoppedException it raises the rules to a version that this node does not know, or nobody can tell who wrote
     *     it; nothing was done
     * @throws StorageException a store could not be read or written
     * @throws HalfAppliedException the engine failed in the middle of the command. After either the state has to be opened anew
     *     from what is committed
     */
    public Executed execute(long offset, long appendedMs, byte @Nullable [] value, Writers writers) {
        CommandRecord command = CommandRecord.getDefaultInstance();
        MacVerdict verdict = MacVerdict.MAC_UNCHECKED;
        boolean looked = state.rules() >= Rules.WRITERS_KNOWN;
        byte[] hash = state.rules() >= Rules.WHOLE_COMMANDS_HASHED ? hashes.command(value) : null;
        CommandMeta meta = null;
        Command decoded = null;
        Outcome outcome;
        try {
            if (value == null) {
                throw new IllegalArgumentException("expected a command, but the record is empty");
            }
            command = CommandRecord.parseFrom(value);
            if (looked) {
                verdict = writers.of(offset, value, command);
                if (!writers.knowNumbers()) {
                    verdict = numbers.look(verdict, command);
                }
            }
            byte[] asked = asked(command, verdict, hash);
            meta = unread(appendedMs, offset, asked);
            meta = meta(command, appendedMs, offset, asked);
            Refusal stranger = stranger(verdict);
            if (stranger != null) {
                outcome = engine.refuse(meta, stranger);
            } else {
                decoded = CommandDecoder.decode(command);
                expectKnownRules(decoded, offset);
                outcome = engine.process(meta, decoded, failedParts.of(partition, offset));
            }
        } catch (HalfAppliedException e) {
            failedParts.note(partition, e);
            throw e;
        } catch (InvalidProtocolBufferException e) {
            meta = unread(appendedMs, offset, asked(command, verdict, hash));
            outcome = poison(meta, "it is no message of this kind", e);
        } catch (IllegalArgumentException e) {
            if (meta == null) {
                meta = unread(appendedMs, offset, asked(command, verdict, hash));
            }
            outcome = poison(meta, e.getMessage(), e);
        }
        numbers.take(looked ? verdict : MacVerdict.MAC_VALID, command);
        if (outcome.failure() != null) {
            try (LoggedTrace trace = LoggedTrace.of(command.getTraceparent())) {
                log.error(
                        "the engine failed on the command at offset {} of partition {}, which is passed over: {}",
                        offset,
                        partition,
                        FailureTrace.of(outcome.failure()));
            }
        }
        return new Executed(command, meta, decoded, outcome, verdict, hash);
    }

    /** @return the refusal of what no node wrote, null for all else */
    private static @Nullable Refusal stranger(MacVerdict verdict) {
        return switch (verdict) {
            case MAC_UNCHECKED, MAC_VALID -> null;
            case MAC_MISSING -> notByANode("it carries no MAC");
            case MAC_OF_UNKNOWN_KEY -> notByANode("its MAC is of a key that is not known");
            case MAC_WRONG -> notByANode("its MAC does not fit it");
            case MAC_COPIED -> notOnce("it is a copy of one that was decided before");
            case MAC_WITHOUT_NUMBER -> notOnce("it has no number that tells it from a copy");
            case MAC_OF_FORGOTTEN_WRITER -> notOnce("its writer began too long ago to tell it from a copy");
            case UNRECOGNIZED ->
                throw new IllegalStateException(
                        "expected a verdict on a MAC that this version knows, but the outcome has another");
        };
    }

    private static Refusal notByANode(String found) {
        return new Refusal(
                Refusal.Reason.PERMISSION_DENIED,
                "expected a command that a node of this installation wrote, but " + found);
    }

    private static Refusal notOnce(String found) {
        return new Refusal(
                Refusal.Reason.PERMISSION_DENIED,
                "expected a command that a node of this installation put here, once, but " + found);
    }

    private void expectKnownRules(Command command, long offset) {
        switch (command) {
            case Command.WithClaims ridden -> expectKnownRules(ridden.command(), offset);
            case Command.BeginTenure begin
            when begin.rulesFrom(offset) > Rules.VERSION -> throw unknownRules(partition, begin.rulesFrom(offset));
            case Command.RaiseRules raise
            when raise.version() > Rules.VERSION -> throw unknownRules(partition, raise.version());
            default -> {} // whatever it is, it is decided by rules that are known
        }
    }

    /** @return what stops a partition whose rules are newer than this node */
    static PartitionStoppedException unknownRules(int partition, int version) {
        return new PartitionStoppedException(
                partition,
                "expected rules up to version " + Rules.VERSION
                        + ", which this node knows, but its log goes on by version " + version,
                "Start this node with the newer Millrace that the other nodes run.");
    }

    private Outcome poison(CommandMeta meta, @Nullable String text, Exception e) {
        try (LoggedTrace trace = LoggedTrace.of(meta.traceparent())) {
            log.error(
                    "passed over the command at offset {} of partition {}: {}",
                    meta.offset(),
                    partition,
                    FailureTrace.of(e));
        }
        return engine.refuse(
                meta,
                new Refusal(Refusal.Reason.POISON, "expected a record that can be decoded, but this cannot: " + text));
    }

    /** @return id of the command of a record as it enters the state, zeroes where it cannot be read */
    static UUID commandId(byte[] value) {
        try {
            CommandRecord command = CommandRecord.parseFrom(value);
            return commandId(command.getCommandId(), command.getOrgId());
        } catch (InvalidProtocolBufferException e) {
            return NOBODY;
        }
    }

    /** @return the same of a command with these ids; where one of the two cannot be read, neither enters */
    static UUID commandId(ByteString commandId, ByteString orgId) {
        try {
            Ids.fromBytes(orgId);
            return Ids.fromBytes(commandId);
        } catch (IllegalArgumentException e) {
            return NOBODY;
        }
    }

    /** What is known of a record before its ids are read, which may be any bytes. */
    private static CommandMeta unread(long appendedMs, long offset, byte[] asked) {
        return new CommandMeta(NOBODY, NOBODY, appendedMs, appendedMs, offset, 0, false, false, asked, Asker.NOBODY);
    }

    private byte[] asked(CommandRecord command, MacVerdict verdict, byte @Nullable [] hash) {
        return hashes.asked(command, OutcomeEncoder.name(command), verdict, hash);
    }

    private static CommandMeta meta(CommandRecord command, long appendedMs, long offset, byte[] asked) {
        return new CommandMeta(
                Ids.fromBytes(command.getCommandId()),
                Ids.fromBytes(command.getOrgId()),
                command.getTimeMs(),
                appendedMs,
                offset,
                command.getMaxHistoryBytes(),
                command.getSentAgain(),
                !command.getBulkJob().isEmpty(),
                asked,
                CommandDecoder.asker(command.getPrincipal()),
                TraceContext.parse(command.getTraceparent()).isPresent() ? command.getTraceparent() : "");
    }
}
