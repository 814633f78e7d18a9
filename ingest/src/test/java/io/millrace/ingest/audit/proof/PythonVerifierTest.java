package io.millrace.ingest.audit.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.ingest.audit.EndedProgram;
import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.tlog.Base64Text;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.KeyType;
import io.millrace.ingest.audit.tlog.NoteSignature;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.proto.proof.Sha256;
import io.millrace.proto.v1.CommandRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verifier of docs/audit, which shares no code with this one, comes to the same. */
class PythonVerifierTest {

    private static final Path VERIFIER = Path.of("..", "docs", "audit", "verify.py");

    @TempDir
    private Path folder;

    private final ProofFixture log = new ProofFixture();
    private NoteSigner key;
    private NoteSigner next;
    private NoteSigner witness;

    @BeforeAll
    static void needsPython() throws InterruptedException {
        try {
            EndedProgram asked = EndedProgram.of("python3", "-c", "import cryptography");
            assumeTrue(asked.code() == 0, "skipped: python3 has no library 'cryptography' here");
        } catch (IOException e) {
            assumeTrue(false, "skipped: there is no python3 here");
        }
    }

    @BeforeEach
    void makeKeys() {
        key = KeyFile.create(folder.resolve("a.pem"), KeyFile.known())
                .getFirst()
                .signer(ProofFixture.ORIGIN, Purpose.LOG);
        next = KeyFile.create(folder.resolve("b.pem"), KeyFile.known())
                .getFirst()
                .signer(ProofFixture.ORIGIN, Purpose.LOG);
        witness = KeyFile.create(folder.resolve("w.pem"), KeyFile.known())
                .getFirst()
                .signer("witness.example/w1", Purpose.WITNESS);
        for (int i = 0; i < 700; i++) {
            log.add();
        }
    }

    @Test
    void findsAGoodFileGood() throws Exception {
        EndedProgram ended = verify(log.file(log.checkpoint(key, witness), statement(0, key)));

        assertEquals(0, ended.code(), ended.said());
        assertTrue(ended.said().contains("350 records with 350 events, the last of them TIMER_FIRED"), ended.said());
        assertTrue(ended.said().contains("the running hash of the partition of 1 records"), ended.said());
    }

    @Test
    void namesAnOutcomeThatNoDispatcherHasWritten() throws Exception {
        log.addOfExecution(2);
        log.addOfExecution(3);
        log.addOfExecution(4);
        EndedProgram ended = verify(log.file(log.checkpoint(key, witness)));
        assertEquals(0, ended.code(), ended.said());
        assertTrue(ended.said().contains("the running hash of the partition of 3 records"), ended.said());

        log.addForgedInPartition();
        refused(
                "the record at index 703: expected the running hash of the partition to continue",
                log.file(log.checkpoint(key, witness)));
    }

    @Test
    void namesAnEventWhoseHashContinuesNothing() throws Exception {
        log.addForged();

        refused(
                "the record at index 700: expected the hash of event 351 to continue that of the event before",
                log.file(log.checkpoint(key, witness)));
    }

    @Test
    void namesAnOutcomeThatIsOfAnotherCommandThanTheLogHas() throws Exception {
        log.addOfAnotherCommand();

        refused(
                "expected the command at offset 1401, which the outcome names, but the log knows the one at 1400",
                log.file(log.checkpoint(key, witness)));
    }

    /** Whoever may write events knows the hashes of an execution's events, so he can continue them. What he says of the command tells. */
    @Test
    void namesWhatTheOutcomeSaysOtherwiseThanItsCommand() throws Exception {
        for (Map.Entry<String, UnaryOperator<CommandRecord.Builder>> change :
                ProofFixture.DIFFERENT_COMMANDS.entrySet()) {
            ProofFixture forged = new ProofFixture();
            forged.add();
            forged.addOfDifferentCommand(change.getValue());

            refused(
                    "the record at index 1: expected the " + change.getKey()
                            + " of the command at offset 2, but the outcome has another: no dispatcher has written it so",
                    forged.file(forged.checkpoint(key, witness)));
        }
    }

    @Test
    void namesASecondOutcomeOfACommand() throws Exception {
        log.addOfEarlierCommand();

        refused(
                "the record at index 700: expected the outcome of a command behind offset 1396, but it is of the one at 0:"
                        + " no dispatcher has written it so",
                log.file(log.checkpoint(key, witness)));
    }

    /** It compares them with what outcomes say, and there are more with every version. */
    @Test
    void knowsTheNamesOfAllCommands() throws Exception {
        String said = EndedProgram.of(
                        "python3",
                        "-B",
                        "-c",
                        "import sys; sys.path.insert(0, sys.argv[1]); import verify;"
                                + " print(*(f'{verify.FIRST_BODY + i} {name}' for i, name in enumerate(verify.BODIES)), sep='\\n')",
                        VERIFIER.getParent().toString())
                .said();

        assertEquals(
                Stream.of(CommandRecord.BodyCase.values())
                        .filter(body -> body != CommandRecord.BodyCase.BODY_NOT_SET)
                        .map(body -> body.getNumber() + " " + body.name().toLowerCase(Locale.ROOT))
                        .toList(),
                said.strip().lines().toList());
    }

    /** What one takes and the other does not could be shown as good to one of two auditors. */
    @Test
    void bothRefuseWhatIsNoFileOfThisForm() throws Exception {
        SignedNote checkpoint = log.checkpoint(key, witness);
        List<String> good = log.file(checkpoint, statement(0, key));
        NoteSignature bad = key.sign(
                new Checkpoint(
                                ProofFixture.ORIGIN,
                                5,
                                Checkpoint.parse(checkpoint.text()).root())
                        .text(),
                0);
        NoteSignature badWitness = witness.sign(
                new Checkpoint(
                                ProofFixture.ORIGIN,
                                5,
                                Checkpoint.parse(checkpoint.text()).root())
                        .text(),
                0);

        bothRefuse(
                log.file(new SignedNote(checkpoint.text(), append(checkpoint.signatures(), bad)), statement(0, key)));
        bothRefuse(log.file(
                new SignedNote(checkpoint.text(), append(checkpoint.signatures(), badWitness)), statement(0, key)));
        bothRefuse(with(good, 9, "\"timestamp\":", "\"more\":1,\"timestamp\":"));
        bothRefuse(with(good, 1, "\"index\":0", "\"index\":false"));
        bothRefuse(with(good, 9, "\"index\":16", "\"index\":16.0"));
        bothRefuse(with(good, 9, "\"offset\":48", "\"offset\":48.0"));
        bothRefuse(with(good, 9, "\\[\"trace\",", "[\"\\\\ud800\","));
        bothRefuse(with(good, 0, "\"records\":350", "\"records\":350.0"));
        bothRefuse(with(good, 0, "\"partition\":3", "\"partition\":3.0"));
        bothRefuse(with(
                good,
                0,
                ProofFixture.EXECUTION.toString(),
                ProofFixture.EXECUTION.toString().toUpperCase(Locale.ROOT)));
        String text = checkpoint.text() + "a\tb\n";
        String note = text + "\n" + key.sign(text, 0) + "\n" + witness.sign(text, 0) + "\n";
        List<String> control = new ArrayList<>(good);
        control.set(0, good.getFirst().replace(escaped(checkpoint.toString()), escaped(note)));
        assertNotEquals(good.getFirst(), control.getFirst());
        bothRefuse(control);
    }

    /** A later version may have keys of types sign that nobody knows yet. */
    @Test
    void bothTakeStatementsOfKeysWithTypesThatTheyDoNotKnow() throws Exception {
        byte[] unknown = new byte[48];
        unknown[0] = 9;
        byte[] id = Arrays.copyOf(
                Sha256.digest()
                        .digest((ProofFixture.ORIGIN + "\n" + new String(unknown, StandardCharsets.ISO_8859_1))
                                .getBytes(StandardCharsets.ISO_8859_1)),
                4);
        String line = ProofFixture.ORIGIN + "+" + HexFormat.of().formatHex(id) + "+" + Base64Text.encode(unknown);
        String keys = key.key() + "\n" + line + "\n";
        SignedNote statement = ProofFixture.signed(
                new Checkpoint(
                                        ProofFixture.ORIGIN + "/keys",
                                        0,
                                        RecordHasher.sha256(keys.getBytes(StandardCharsets.UTF_8)))
                                .text()
                        + keys,
                key);
        List<String> file = log.file(log.checkpoint(key, witness), statement);

        assertEquals(0, verify(file).code());
        verifyInJava(file);
    }

    private static String escaped(String text) {
        return text.replace("\n", "\\n").replace("\t", "\\t");
    }

    private static List<NoteSignature> append(List<NoteSignature> lines, NoteSignature more) {
        List<NoteSignature> all = new ArrayList<>(lines);
        all.add(more);
        return all;
    }

    private static List<String> with(List<String> file, int line, String regex, String by) {
        List<String> changed = new ArrayList<>(file);
        changed.set(line, file.get(line).replaceFirst(regex, by));
        assertNotEquals(file.get(line), changed.get(line));
        return changed;
    }

    private void bothRefuse(List<String> file) throws Exception {
        EndedProgram ended = verify(file);
        assertEquals(1, ended.code(), ended.said());
        assertThrows(TlogException.class, () -> verifyInJava(file), ended.said());
    }

    private void verifyInJava(List<String> file) throws IOException {
        ProofFile.verify(
                new ByteArrayInputStream(String.join("\n", file).getBytes(StandardCharsets.UTF_8)),
                List.of(key.key()),
                List.of(witness.key()));
    }

    @Test
    void namesTheFirstThingThatIsWrong() throws Exception {
        List<String> good = log.file(log.checkpoint(key, witness), statement(0, key));
        List<String> changed = new ArrayList<>(good);
        changed.set(9, good.get(9).replaceFirst("\"timestamp\":1", "\"timestamp\":2"));
        List<String> dropped = new ArrayList<>(good);
        dropped.remove(9);
        List<String> forged = new ArrayList<>(good);
        forged.set(0, good.getFirst().replace("\\n700\\n", "\\n701\\n"));

        refused(
                "the record at index 16: expected the outcome at offset 48 to be as the log has it, but it was changed",
                changed);
        refused("expected event 9 of the execution, but got event 10: a record before it was left out", dropped);
        refused("expected 350 records, but the file ends after 99", good.subList(0, 100));
        refused("expected a good signature of " + ProofFixture.ORIGIN, forged);
        refused(
                "expected the checkpoint at size 700 to be signed by a key of the log",
                log.file(log.checkpoint(next, witness), statement(0, key)));
        refused(
                "expected the witness witness.example/w1 to have signed the checkpoint",
                log.file(log.checkpoint(key), statement(0, key)));
        refused("expected the first line of a file of proofs as a JSON object", List.of("PK"));
        refused(
                "expected events of execution " + ProofFixture.EXECUTION + ", but the file has none",
                List.of(good.getFirst().replace("\"records\":350", "\"records\":0")));
    }

    @Test
    void namesARefusalAmongTheRecords() throws Exception {
        log.addRefusal();

        refused(
                "the record at index 700: expected an outcome with an event of execution " + ProofFixture.EXECUTION
                        + ", but it is a refusal: files of proofs have none",
                log.file(log.checkpoint(key, witness), statement(0, key)));
    }

    @Test
    void followsStatementsOfKeys() throws Exception {
        SignedNote first = statement(0, key);
        SignedNote both = ProofFixture.signed(
                new KeyStatement(ProofFixture.ORIGIN, 10, List.of(key.key(), next.key())).text(), key, next);
        SignedNote last =
                ProofFixture.signed(new KeyStatement(ProofFixture.ORIGIN, 20, List.of(next.key())).text(), key, next);
        SignedNote forged = ProofFixture.signed(
                new KeyStatement(ProofFixture.ORIGIN, 10, List.of(key.key(), next.key())).text(), next);

        assertEquals(
                0,
                verify(log.file(log.checkpoint(next, witness), first, both, last))
                        .code());
        refused("which signs nothing from size 20 on", log.file(log.checkpoint(key, witness), first, both, last));
        refused(
                "expected the statement of keys from size 10 on to be signed by a key that signed before",
                log.file(log.checkpoint(next, witness), first, forged));
    }

    @Test
    void checksMlDsaWhereItsLibraryHasItAndSaysSo() throws Exception {
        boolean has = EndedProgram.of("python3", "-c", """
                from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
                MLDSA44PublicKey.from_public_bytes(bytes(1312))""").code() == 0;
        assumeTrue(KeyFile.known().contains(KeyType.ML_DSA_44), "ML-DSA needs JDK 24 or newer");
        NoteSigner lattice = KeyFile.create(folder.resolve("l.pem"), List.of(KeyType.ML_DSA_44))
                .getFirst()
                .signer(ProofFixture.ORIGIN, Purpose.LOG);
        SignedNote first = ProofFixture.signed(
                new KeyStatement(ProofFixture.ORIGIN, 0, List.of(key.key(), lattice.key())).text(), key, lattice);
        List<String> good = log.file(log.checkpoint(key, lattice, witness), first);

        EndedProgram ended = verify(good);
        assertEquals(0, ended.code(), ended.said());
        assertTrue(
                ended.said()
                        .contains(
                                has
                                        ? "signatures checked: Ed25519 and ML-DSA-44"
                                        : "signatures checked: Ed25519 only; those of ML-DSA-44 were passed over"),
                ended.said());
        if (has) {
            // The one of Ed25519 is good, and that of ML-DSA-44 is of another size
            SignedNote other = new SignedNote(
                    log.checkpoint(key).text(),
                    List.of(
                            key.sign(log.checkpoint(key).text(), 0),
                            lattice.sign(
                                    new Checkpoint(
                                                    ProofFixture.ORIGIN,
                                                    1,
                                                    Checkpoint.parse(log.checkpoint(key)
                                                                    .text())
                                                            .root())
                                            .text(),
                                    0),
                            witness.sign(log.checkpoint(key).text(), 0)));
            refused("expected a good signature of " + ProofFixture.ORIGIN, log.file(other, first));
        }
    }

    private static SignedNote statement(long size, NoteSigner signer) {
        return ProofFixture.signed(new KeyStatement(ProofFixture.ORIGIN, size, List.of(signer.key())).text(), signer);
    }

    private void refused(String because, List<String> file) throws Exception {
        EndedProgram ended = verify(file);
        assertEquals(1, ended.code(), ended.said());
        assertTrue(ended.said().contains(because), ended.said());
    }

    private EndedProgram verify(List<String> file) throws IOException, InterruptedException {
        Path proof = Files.write(folder.resolve("proof.jsonl"), file);
        return EndedProgram.of(
                "python3",
                VERIFIER.toString(),
                proof.toString(),
                "--key",
                key.key().toString(),
                "--witness",
                witness.key().toString());
    }
}
