package io.millrace.ingest.audit.proof;

import com.google.protobuf.ByteString;
import io.millrace.ingest.audit.proof.LoggedRecord.LoggedHeader;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.MerkleProofs;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TilePath;
import io.millrace.ingest.audit.tlog.TileWriter;
import io.millrace.ingest.audit.tlog.TiledTree;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.proto.Ids;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.CancelWorkflow;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.SignalWorkflow;
import io.millrace.proto.v1.Subject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** A log in memory, of partition 3, in which the outcomes of two executions take turns. */
public final class ProofFixture {

    public static final String ORIGIN = "millrace.example/acme/3";
    public static final UUID EXECUTION = UUID.fromString("0190a8e0-5c1e-7a33-8000-000000000003");
    /** Each makes another command of one; by what differs then. */
    public static final Map<String, UnaryOperator<CommandRecord.Builder>> DIFFERENT_COMMANDS = Map.of(
            "id", command -> command.setCommandId(ByteString.copyFrom(new byte[16])),
            "organisation", command -> command.setOrgId(ByteString.copyFrom(new byte[16])),
            "principal",
                    command -> command.setPrincipal(
                            command.getPrincipal().toBuilder().setId("eve")),
            "origin", command -> command.setOrigin("node 192.0.2.8:4711"),
            "trace", CommandRecord.Builder::clearTraceparent,
            "name", command -> command.setCancelWorkflow(CancelWorkflow.getDefaultInstance()),
            "hash", command -> command.setReason("another than was given"));

    private static final UUID OTHER = UUID.fromString("0190a8e0-5c1e-7a33-8000-000000000013");
    private static final int PARTITION = 3;
    private static final int RULES = 4;

    private final TreeHasher hasher = new TreeHasher();
    private final RecordHasher records = new RecordHasher();
    private final TileWriter writer = new TileWriter();
    private final Map<String, byte[]> tiles = new HashMap<>();
    private final List<LoggedRecord> outcomes = new ArrayList<>();
    private final List<LoggedRecord> commands = new ArrayList<>();
    private final List<byte[]> entries = new ArrayList<>();
    /** Whether it is in the file of proofs of the execution. */
    private final List<Boolean> ours = new ArrayList<>();

    private final OutcomeHashes hashes = new OutcomeHashes();
    private final Map<UUID, Long> sequences = new HashMap<>();
    private final Map<UUID, byte[]> heads = new HashMap<>();
    private byte[] partitionHash = OutcomeHashes.FIRST;

    /** Adds a command and its outcome, of the execution and of the other one by turns. */
    public void add() {
        UUID execution = outcomes.size() % 2 == 0 ? EXECUTION : OTHER;
        add(sealed(execution, RULES));
    }

    /** Adds one of the execution, whoever's turn it is. */
    public void addOfExecution(int rules) {
        add(sealed(EXECUTION, rules));
    }

    /** Adds one of the execution that no dispatcher has written: its number is right, and its hashes are zeroes. */
    public void addForged() {
        OutcomeRecord.Builder outcome = sealed(EXECUTION, RULES);
        outcome.setEvents(0, outcome.getEvents(0).toBuilder().setHash(ByteString.copyFrom(OutcomeHashes.FIRST)));
        add(outcome.setPartitionHash(ByteString.copyFrom(OutcomeHashes.FIRST)));
    }

    /** Adds one of the execution by somebody who can make the hashes of events, but knows no running hash. */
    public void addForgedInPartition() {
        add(sealed(EXECUTION, RULES).setPartitionHash(ByteString.copyFrom(OutcomeHashes.FIRST)));
    }

    /** Adds one of the execution that names another command than the one that the log knows. */
    public void addOfAnotherCommand() {
        OutcomeRecord.Builder outcome = sealed(EXECUTION, RULES);
        add(outcome, 1);
    }

    /** @return the next outcome, with its hashes */
    private OutcomeRecord.Builder sealed(UUID execution, int rules) {
        int number = outcomes.size();
        long sequence = sequences.merge(execution, 1L, Long::sum);
        OutcomeRecord.Builder outcome = OutcomeRecord.newBuilder()
                .setCommandId(Ids.toByteString(OTHER))
                .setOrgId(Ids.toByteString(OTHER))
                .setPrincipal(Principal.newBuilder()
                        .setType(Principal.Type.USER)
                        .setId("ada")
                        .setRole("ADMIN"))
                .setOrigin("node 192.0.2.7:4711")
                .setCommand("signal_workflow")
                .setCommandOffset(2L * number)
                .setTimeMs(1_700_000_000_400L + number)
                .setRulesVersion(rules)
                .setTraceparent("00-" + number)
                .setMac(number % 4 == 0 ? MacVerdict.MAC_UNCHECKED : MacVerdict.MAC_VALID);
        if (OutcomeHashes.coverCommands(rules)) {
            byte[] command = commandOf(outcome).build().toByteArray();
            outcome.setCommandHash(ByteString.copyFrom(hashes.command(command)));
        }
        EventRecord.Builder event = EventRecord.newBuilder()
                .setSubject(Subject.WORKFLOW_EXECUTION)
                .setExecutionId(Ids.toByteString(execution))
                .setOrgId(Ids.toByteString(OTHER))
                .setChainSequence(sequence)
                .setHistorySequence(number + 1)
                .setTimeMs(1_700_000_000_300L + number)
                .setStatus(ExecutionStatus.RUNNING)
                .setData(ByteString.copyFromUtf8("{\"timer\":" + number + "}"))
                .setType("TIMER_FIRED");
        byte[] previous = heads.getOrDefault(execution, OutcomeHashes.FIRST);
        event.setHash(ByteString.copyFrom(hashes.event(previous, outcome.build(), event.build())));
        outcome.addEvents(event);
        return outcome.setPartitionHash(ByteString.copyFrom(hashes.partition(partitionHash, outcome.build())));
    }

    private void add(OutcomeRecord.Builder outcome) {
        add(outcome, 0);
    }

    /** @param away how far the command that it names is behind its own */
    private void add(OutcomeRecord.Builder outcome, int away) {
        long own = 2L * outcomes.size();
        add(outcome.setCommandOffset(own + away), own, commandOf(outcome).build());
    }

    /** @return the command of which a dispatcher writes the outcome */
    private static CommandRecord.Builder commandOf(OutcomeRecord.Builder outcome) {
        return CommandRecord.newBuilder()
                .setCommandId(outcome.getCommandId())
                .setOrgId(outcome.getOrgId())
                .setPrincipal(outcome.getPrincipal())
                .setOrigin(outcome.getOrigin())
                .setTraceparent(outcome.getTraceparent())
                .setSignalWorkflow(SignalWorkflow.getDefaultInstance());
    }

    /** Adds one of the execution whose hashes are right, by somebody who names a command that is another one. */
    public void addOfDifferentCommand(UnaryOperator<CommandRecord.Builder> change) {
        OutcomeRecord.Builder outcome = sealed(EXECUTION, RULES);
        add(
                outcome,
                outcome.getCommandOffset(),
                change.apply(commandOf(outcome)).build());
    }

    /** Adds one of the execution that names a command of which the log has the outcome already. */
    public void addOfEarlierCommand() {
        OutcomeRecord.Builder outcome = sealed(EXECUTION, RULES).setCommandOffset(0);
        add(outcome, 0, commandOf(outcome).build());
    }

    private void add(OutcomeRecord.Builder outcome, long commandOffset, CommandRecord command) {
        int number = outcomes.size();
        ours.add(outcome.getEventsList().stream()
                .allMatch(event -> event.getExecutionId().equals(Ids.toByteString(EXECUTION))));
        outcome.getEventsList()
                .forEach(event -> heads.put(
                        Ids.fromBytes(event.getExecutionId()), event.getHash().toByteArray()));
        partitionHash = outcome.getPartitionHash().toByteArray();
        commands.add(new LoggedRecord(
                commandOffset,
                1_700_000_000_000L + number,
                null,
                command.toByteArray(),
                List.of(new LoggedHeader("trace", new byte[] {1, 2}), new LoggedHeader("none", null))));
        outcomes.add(new LoggedRecord(
                3L * number,
                1_700_000_000_500L + number,
                new byte[] {(byte) number},
                outcome.build().toByteArray(),
                List.of()));
        OutcomeLeaf leaf = new OutcomeLeaf(
                PARTITION,
                3L * number,
                records.hash(outcomes.getLast()),
                commandOffset,
                records.hash(commands.getLast()));
        entries.add(leaf.encode());
        writer.append(entries.getLast());
    }

    /** Adds a refusal, in the place of what would be the next outcome of the execution or the other one. */
    public void addRefusal() {
        add(OutcomeRecord.newBuilder()
                .setCommand("signal_workflow")
                .setRefusal(Refusal.newBuilder().setText("expected another, but …")));
    }

    /** @return the checkpoint of the log as it is, signed by these */
    public SignedNote checkpoint(NoteSigner... signers) {
        writer.changed()
                .forEach(tile ->
                        tiles.put(tile.path().level() + "/" + tile.path().index(), tile.bytes()));
        return signed(new Checkpoint(ORIGIN, writer.size(), writer.root()).text(), signers);
    }

    public static SignedNote signed(String text, NoteSigner... signers) {
        return new SignedNote(
                text,
                Arrays.stream(signers)
                        .map(signer -> signer.sign(text, 1_700_000_001))
                        .toList());
    }

    /** @return the lines of the file that proves the execution, up to the checkpoint */
    public List<String> file(SignedNote checkpoint, SignedNote... keys) {
        long size = Checkpoint.parse(checkpoint.text()).size();
        List<ProvedRecord> proved = new ArrayList<>();
        TiledTree tree = new TiledTree(hasher, size, this::tile);
        for (int i = 0; i < size; i++) {
            if (!ours.get(i)) {
                continue;
            }
            proved.add(new ProvedRecord(
                    i,
                    entries.get(i),
                    new MerkleProofs(hasher).inclusion(i, size, tree),
                    outcomes.get(i),
                    Optional.of(commands.get(i))));
        }
        List<String> lines = new ArrayList<>();
        lines.add(
                ProofJson.line(new ProofHead(ORIGIN, PARTITION, EXECUTION, proved.size(), checkpoint, List.of(keys))));
        proved.forEach(record -> lines.add(ProofJson.line(record)));
        return lines;
    }

    private byte[] tile(TilePath path) {
        return Arrays.copyOf(tiles.get(path.level() + "/" + path.index()), path.width() * 32);
    }
}
