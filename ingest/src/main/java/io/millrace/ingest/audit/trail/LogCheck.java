package io.millrace.ingest.audit.trail;

import com.google.protobuf.ByteString;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Subject;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds each outcome of a log against what stands before it. It has to be that of the command which comes next, and to
 * say of that command what the command says of itself. It has to continue the running hash of its partition and the
 * chains of its executions. An outcome that does not is a {@link Break}; what follows is held against the last one that
 * did. One thread.
 *
 * <p>A break of one execution's chain alone leaves the partition as it is. The running hash proves that the outcome is
 * the one that was written; only what was known of the execution does not fit.
 */
public final class LogCheck {

    /** Chains whose heads are kept when it lets go of some. */
    private static final int HEADS = 50_000;

    private final boolean pastBreaks;
    private final MacMode seals;
    private final int mostHeads;
    private final OutcomeHashes hashes = new OutcomeHashes();
    private final Map<Integer, Anchor> anchors = new HashMap<>();
    /** In the order of their last use. */
    private final Map<ChainKey, ChainHead> heads = new LinkedHashMap<>(1_024, 0.75f, true);

    private final Set<ChainKey> ended = new HashSet<>();
    /** Whether heads were let go that nobody can tell again. */
    private boolean forgetful;

    /**
     * @param pastBreaks whether to go on behind a break where the log itself does not. An outcome that fits its command
     *     but not what stands before is a break; whatever continues it is then believed. For whoever has looked at the
     *     break
     * @param seals whether outcomes have to be sealed, once they were: where it is {@link MacMode#REQUIRE}
     */
    public LogCheck(boolean pastBreaks, MacMode seals) {
        this(pastBreaks, seals, HEADS);
    }

    /** @param mostHeads that are kept when it lets go of some */
    LogCheck(boolean pastBreaks, MacMode seals, int mostHeads) {
        this.pastBreaks = pastBreaks;
        this.seals = seals;
        this.mostHeads = mostHeads;
    }

    /**
     * Begins with a partition, or begins anew.
     *
     * @param anchor null: the next outcome is believed without what comes before it
     */
    public void begin(int partition, @Nullable Anchor anchor) {
        anchors.put(partition, anchor);
        // Whatever was not written in the end is not to be believed.
        heads.clear();
        ended.clear();
        forgetful = false;
    }

    /**
     * Lets go of heads: of those whose execution has ended, and of the ones that were used longest ago where there are many. For whoever
     * asks for what is {@link #unknown}, once all that was checked up to now can be found there.
     */
    public void settled() {
        heads.keySet().removeAll(ended);
        ended.clear();
        letGo();
    }

    /**
     * Lets go of heads where there are many, for whoever can ask nobody. From then on an event of an execution that is not known is
     * believed to continue its chain.
     */
    public void forget() {
        ended.clear();
        forgetful |= letGo();
    }

    /** @return whether there were too many */
    private boolean letGo() {
        int most = heads.size();
        for (Iterator<?> eldest = heads.keySet().iterator(); heads.size() > mostHeads; ) {
            eldest.next();
            eldest.remove();
        }
        return heads.size() < most;
    }

    /** @return up to where the partition is known to be whole, or null if it begins with whatever comes next */
    public @Nullable Anchor anchor(int partition) {
        return anchors.get(partition);
    }

    /** @return chains that the outcomes continue, in this order, and whose heads are not known here */
    public Set<ChainKey> unknown(Iterable<OutcomeRecord> outcomes) {
        Set<ChainKey> begun = new HashSet<>();
        Set<ChainKey> unknown = new HashSet<>();
        for (OutcomeRecord outcome : outcomes) {
            for (EventRecord event : outcome.getEventsList()) {
                ChainKey key = key(event);
                if (key != null && event.getChainSequence() == 1) {
                    begun.add(key);
                } else if (key != null && !begun.contains(key) && !heads.containsKey(key)) {
                    unknown.add(key);
                }
            }
        }
        return unknown;
    }

    /** Tells where a chain stands that was asked for. */
    public void learn(ChainKey key, ChainHead head) {
        heads.put(key, head);
    }

    /**
     * Checks the outcome that comes next.
     *
     * @param asked its command as it stands on the log, or null if there is none at its place
     * @param seal what the seal of its record proves; unchecked where nobody looked
     * @return what does not fit; null if it is to be believed
     */
    public @Nullable Break check(int partition, OutcomeRecord outcome, @Nullable Asked asked, MacVerdict seal) {
        Anchor anchor = anchors.get(partition);
        boolean ofANode = seal == MacVerdict.MAC_VALID;
        if (anchor == null) {
            anchors.put(partition, Anchor.after(outcome, ofANode));
            return null;
        }
        Break broken = place(anchor, outcome, asked);
        if (broken == null) {
            broken = sealed(anchor, outcome, seal);
        }
        if (broken != null) {
            if (pastBreaks && outcome.getCommandOffset() >= anchor.nextCommand() && command(outcome, asked) == null) {
                anchors.put(partition, Anchor.after(outcome, ofANode));
            }
            return broken;
        }
        Chains chains = new Chains(anchor.ownChain());
        for (EventRecord event : outcome.getEventsList()) {
            Break wrong = chains.add(anchor.whole(), outcome, event);
            broken = broken == null ? wrong : broken;
        }
        boolean sealed = seals != MacMode.OFF && (ofANode || anchor.sealed());
        anchors.put(partition, anchor.then(outcome.getPartitionHash(), chains.own, sealed));
        if (broken == null) {
            heads.putAll(chains.moved);
            ended.addAll(chains.ended);
        }
        return broken;
    }

    /** @return what is wrong with the outcome itself, whatever stands in its events */
    private @Nullable Break place(Anchor anchor, OutcomeRecord outcome, @Nullable Asked asked) {
        if (outcome.getCommandOffset() != anchor.nextCommand()) {
            return new Break(
                    Break.Kind.SEQUENCE,
                    "expected the outcome of the command at offset " + anchor.nextCommand()
                            + ", but it is of the one at " + outcome.getCommandOffset(),
                    outcome.getCommandOffset() > anchor.nextCommand() ? anchor.nextCommand() : null);
        }
        Break command = command(outcome, asked);
        if (command != null) {
            return command;
        }
        return isRight(
                        outcome.getPartitionHash(),
                        () -> hashes.partition(anchor.outcomesHash().toByteArray(), outcome))
                ? null
                : new Break(
                        Break.Kind.OUTCOME_HASH,
                        "expected the running hash to continue that of the outcome before, but it does not");
    }

    /** Whoever can write the topic can compute all hashes, but no seal. What was written before there were keys has none. */
    private @Nullable Break sealed(Anchor anchor, OutcomeRecord outcome, MacVerdict seal) {
        boolean believed = seals != MacMode.REQUIRE
                || seal == MacVerdict.MAC_VALID
                || seal != MacVerdict.MAC_WRONG && !anchor.sealed();
        return believed
                ? null
                : new Break(
                        Break.Kind.SEAL,
                        "expected the outcome of the command at offset " + outcome.getCommandOffset()
                                + " to be sealed by a dispatcher, as those before, but " + wrongWith(seal));
    }

    private static String wrongWith(MacVerdict seal) {
        return switch (seal) {
            case MAC_MISSING -> "it has no seal";
            case MAC_WRONG -> "its seal does not fit it";
            default ->
                "its seal is of a key that is not known here: if one was taken out of commands.mac.key_file, put it back behind the"
                        + " others and look again";
        };
    }

    /** Rules that are not known, or ids that are none, have no hash at all. */
    private static boolean isRight(ByteString hash, Supplier<byte[]> expected) {
        try {
            return Arrays.equals(hash.toByteArray(), expected.get());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Where the chains stand that an outcome continues. */
    private final class Chains {
        private final Map<ChainKey, ChainHead> moved = new HashMap<>();
        private final Set<ChainKey> ended = new HashSet<>();
        private @Nullable ChainHead own;

        Chains(@Nullable ChainHead own) {
            this.own = own;
        }

        @Nullable
        Break add(boolean whole, OutcomeRecord outcome, EventRecord event) {
            ChainKey key = key(event);
            Break broken = check(whole, head(key, event), outcome, event);
            ChainHead next = new ChainHead(event.getChainSequence(), event.getHash());
            if (key == null) {
                own = next;
            } else {
                moved.put(key, next);
                if (isEnd(event)) {
                    ended.add(key);
                }
            }
            return broken;
        }

        private @Nullable ChainHead head(@Nullable ChainKey key, EventRecord event) {
            if (key == null) {
                return own;
            }
            // An id that has left the dispatcher may come back: then its chain begins anew.
            return event.getChainSequence() == 1 ? ChainHead.NONE : moved.getOrDefault(key, heads.get(key));
        }

        private @Nullable Break check(
                boolean whole, @Nullable ChainHead head, OutcomeRecord outcome, EventRecord event) {
            if (head == null && (!whole || forgetful)) {
                return null;
            }
            ChainHead last = head == null ? ChainHead.NONE : head;
            if (event.getChainSequence() != last.sequence() + 1) {
                return new Break(
                        Break.Kind.EVENT_HASH,
                        "expected event " + (last.sequence() + 1) + " of " + name(event) + " to come next, but it is "
                                + event.getChainSequence());
            }
            return isRight(event.getHash(), () -> hashes.event(last.hash().toByteArray(), outcome, event))
                    ? null
                    : new Break(
                            Break.Kind.EVENT_HASH,
                            "expected the hash of event " + event.getChainSequence() + " of " + name(event)
                                    + " to continue that of the event before, but it does not");
        }
    }

    /** What comes behind an end, as a note does, is rare: then the head is asked for. */
    private static boolean isEnd(EventRecord event) {
        boolean ofTheExecution = event.getTaskId().isEmpty() || event.getSubject() == Subject.TASK_EXECUTION;
        return ofTheExecution
                && switch (event.getStatus()) {
                    case COMPLETED, FAILED, CANCELLED, CONTINUED_AS_NEW -> true;
                    case EXECUTION_STATUS_UNSPECIFIED, PENDING, RUNNING, WAITING, UNRECOGNIZED -> false;
                };
    }

    private static @Nullable Break command(OutcomeRecord outcome, @Nullable Asked asked) {
        if (asked == null) {
            return new Break(
                    Break.Kind.COMMAND,
                    "expected a command at offset " + outcome.getCommandOffset() + ", but there is none on the log");
        }
        String differs = difference(outcome, asked);
        return differs == null
                ? null
                : new Break(
                        Break.Kind.COMMAND,
                        "expected the " + differs + " of the command at offset " + outcome.getCommandOffset()
                                + ", but the outcome has another");
    }

    /** @return what of the command the outcome says otherwise, or null */
    private static @Nullable String difference(OutcomeRecord outcome, Asked asked) {
        if (!asked.commandId().equals(outcome.getCommandId())) {
            return "id";
        }
        if (!asked.orgId().equals(outcome.getOrgId())) {
            return "organisation";
        }
        if (!asked.principal().equals(outcome.getPrincipal())) {
            return "principal";
        }
        if (!asked.origin().equals(outcome.getOrigin())) {
            return "origin";
        }
        if (!asked.traceparent().equals(outcome.getTraceparent())) {
            return "trace";
        }
        if (!asked.command().equals(outcome.getCommand())) {
            return "type";
        }
        ByteString hash =
                OutcomeHashes.coverCommands(outcome.getRulesVersion()) ? asked.recordHash() : ByteString.EMPTY;
        return hash.equals(outcome.getCommandHash()) ? null : "hash";
    }

    /** @return null for an event of the partition itself, as is one that names no organisation */
    private static @Nullable ChainKey key(EventRecord event) {
        UUID executionId = Asked.idOrNull(event.getExecutionId());
        UUID orgId = Asked.idOrNull(event.getOrgId());
        return executionId == null || orgId == null ? null : new ChainKey(orgId, executionId);
    }

    private static String name(EventRecord event) {
        UUID id = Asked.idOrNull(event.getExecutionId());
        return id == null ? "the partition" : "execution " + id;
    }
}
