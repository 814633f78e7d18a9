package io.millrace.ingest.audit.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.ingest.audit.proof.ProofFile.Checked;
import io.millrace.ingest.audit.tlog.KeyType;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.RawKeys;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whatever is done to a file of proofs is named. */
class ProofFileTest {

    private static final int OUTCOMES = 21;

    private final ProofFixture log = new ProofFixture();
    private final NoteSigner key = signer(ProofFixture.ORIGIN, KeyType.ED25519);
    private final NoteSigner other = signer(ProofFixture.ORIGIN, KeyType.ED25519);
    private final NoteSigner witness = signer("witness.example/w1", KeyType.COSIGNATURE);
    private final List<String> lines;

    ProofFileTest() {
        grow(OUTCOMES);
        lines = log.file(log.checkpoint(key, witness));
    }

    @Test
    void aFileAsItWasWrittenIsGood() throws IOException {
        Checked checked = verify(lines, List.of(key.key()), List.of(witness.key()));

        assertEquals(11, checked.verdict().records());
        assertEquals(11, checked.verdict().events());
        assertEquals("TIMER_FIRED", checked.verdict().lastEvent());
        assertEquals(1, checked.verdict().followed());
        assertEquals(OUTCOMES, checked.checkpoint().size());
    }

    @Test
    void namesARecordThatWasChanged() {
        ProvedRecord record = ProofJson.record(lines.get(3));
        byte[] value = record.outcome().value().clone();
        value[value.length - 1]++;
        LoggedRecord outcome = record.outcome();
        LoggedRecord command = record.command().orElseThrow();

        refused(
                "the outcome at offset 12 to be as the log has it, but it was changed",
                with(
                        3,
                        new ProvedRecord(
                                record.index(),
                                record.entry(),
                                record.hashes(),
                                new LoggedRecord(12, outcome.timestampMs(), outcome.key(), value, outcome.headers()),
                                record.command())));
        refused(
                "the outcome at offset 12 to be as the log has it, but it was changed",
                with(
                        3,
                        new ProvedRecord(
                                record.index(),
                                record.entry(),
                                record.hashes(),
                                new LoggedRecord(
                                        12,
                                        outcome.timestampMs() + 1,
                                        outcome.key(),
                                        outcome.value(),
                                        outcome.headers()),
                                record.command())));
        refused(
                "the command at offset 8 to be as the log has it, but it was changed",
                with(
                        3,
                        new ProvedRecord(
                                record.index(),
                                record.entry(),
                                record.hashes(),
                                outcome,
                                Optional.of(new LoggedRecord(
                                        8, command.timestampMs(), command.key(), command.value(), List.of())))));
        refused(
                "expected its command, but it is left out",
                with(3, new ProvedRecord(record.index(), record.entry(), record.hashes(), outcome, Optional.empty())));
    }

    @Test
    void namesAnEntryOrAProofThatWasChanged() {
        ProvedRecord record = ProofJson.record(lines.get(3));
        byte[] entry = record.entry().clone();
        entry[40]++;

        refused(
                "the record at index 4: expected its proof to lead to the root",
                with(3, new ProvedRecord(record.index(), entry, record.hashes(), record.outcome(), record.command())));
        refused(
                "the record at index 4: expected its proof to lead to the root",
                with(
                        3,
                        new ProvedRecord(
                                record.index(),
                                record.entry(),
                                record.hashes().reversed(),
                                record.outcome(),
                                record.command())));
        refused(
                "the record at index 4: expected more hashes",
                with(
                        3,
                        new ProvedRecord(
                                record.index(),
                                record.entry(),
                                record.hashes().subList(1, record.hashes().size()),
                                record.outcome(),
                                record.command())));
        refused(
                "the record at index 5: expected its proof to lead to the root",
                with(
                        3,
                        new ProvedRecord(
                                record.index() + 1,
                                record.entry(),
                                record.hashes(),
                                record.outcome(),
                                record.command())));
    }

    @Test
    void namesRecordsThatWereDroppedSwappedRepeatedOrInserted() {
        List<String> swapped = new ArrayList<>(lines);
        swapped.set(2, lines.get(3));
        swapped.set(3, lines.get(2));
        List<String> repeated = new ArrayList<>(lines);
        repeated.set(3, lines.get(2));
        List<String> dropped = new ArrayList<>(lines);
        dropped.remove(3);
        List<String> droppedAndCounted = new ArrayList<>(dropped);
        droppedAndCounted.set(0, lines.getFirst().replace("\"records\":11", "\"records\":10"));
        List<String> inserted = new ArrayList<>(lines);
        inserted.add(lines.getLast());

        refused("expected event 2 of the execution, but got event 3: a record before it was left out", swapped);
        refused("expected a record behind index 2, but got one at 2: it is repeated", repeated);
        refused("expected event 3 of the execution, but got event 4: a record before it was left out", dropped);
        refused(
                "expected event 3 of the execution, but got event 4: a record before it was left out",
                droppedAndCounted);
        refused("expected 11 records, but there are more", inserted);
        refused("expected 11 records, but the file ends after 9", lines.subList(0, 10));
    }

    @Test
    void namesAFileThatBreaksOffOrIsOfSomebodyElse() {
        List<String> broken = new ArrayList<>(lines);
        broken.set(11, lines.getLast().substring(0, 200));

        refused("expected a line with a record and its proof as a JSON object", broken);
        refused("expected the first line of a file of proofs as a JSON object", List.of("PK"));
        refused("expected a file of proofs of the format millrace-proof/v1, but it names none", List.of("{}"));
        refused("expected a file of proofs, but the file is empty", List.of());
        refused(
                "expected a log whose key was given",
                lines,
                List.of(signer("other.example/3", KeyType.ED25519).key()),
                List.of());
        refused(
                "expected only known fields, but got 'more'",
                List.of(lines.getFirst().replaceFirst("\\{", "{\"more\":1,")));
        refused(
                "expected the first line of a file of proofs as a JSON object",
                List.of(lines.getFirst().replace("\"records\":11", "\"records\":99999999999")));
    }

    /** Whoever takes all lines out can set their number to 0 as well. */
    @Test
    void aFileWithoutEventsShowsNothing() {
        refused(
                "expected events of execution " + ProofFixture.EXECUTION + ", but the file has none",
                List.of(lines.getFirst().replace("\"records\":11", "\"records\":0")));
    }

    /** It stands in the log, but it is no record of the execution. */
    @Test
    void namesARefusalAmongTheRecords() {
        log.add();
        log.addRefusal();

        refused(
                "the record at index 22: expected an outcome with an event of execution " + ProofFixture.EXECUTION
                        + ", but it is a refusal: files of proofs have none",
                log.file(log.checkpoint(key, witness)));
    }

    /** It stands in the log, since anybody who may write the topic can put it there, but no dispatcher has written it. */
    @Test
    void namesAnOutcomeWhoseHashesContinueNothing() {
        log.add();
        log.addForged();

        refused(
                "the record at index 22: expected the hash of event 12 to continue that of the event before",
                log.file(log.checkpoint(key, witness)));
    }

    @Test
    void namesAnOutcomeThatIsOfAnotherCommandThanTheLogHas() {
        log.add();
        log.addOfAnotherCommand();

        refused(
                "the record at index 22: expected the command at offset 45, which the outcome names, but the log knows the"
                        + " one at 44",
                log.file(log.checkpoint(key, witness)));
    }

    /** Whoever may write events knows the hashes of an execution's events, so he can continue them. What he says of the command tells. */
    @Test
    void namesWhatTheOutcomeSaysOtherwiseThanItsCommand() {
        ProofFixture.DIFFERENT_COMMANDS.forEach((what, change) -> {
            ProofFixture forged = new ProofFixture();
            forged.add();
            forged.addOfDifferentCommand(change);

            refused(
                    "the record at index 1: expected the " + what
                            + " of the command at offset 2, but the outcome has another: no dispatcher has written it so",
                    forged.file(forged.checkpoint(key, witness)));
        });
    }

    @Test
    void namesASecondOutcomeOfACommand() {
        log.addOfEarlierCommand();

        refused(
                "the record at index 21: expected the outcome of a command behind offset 40, but it is of the one at 0: no"
                        + " dispatcher has written it so",
                log.file(log.checkpoint(key, witness)));
    }

    @Test
    void checksTheRunningHashWhereTheOutcomeBeforeIsInTheFile() throws IOException {
        log.addOfExecution(2);
        log.addOfExecution(3);
        log.addOfExecution(4);
        List<String> good = log.file(log.checkpoint(key, witness));

        assertEquals(
                4,
                verify(good, List.of(key.key()), List.of(witness.key()))
                        .verdict()
                        .followed());
        log.addForgedInPartition();
        refused(
                "the record at index 24: expected the running hash of the partition to continue",
                log.file(log.checkpoint(key, witness)));
    }

    @Test
    void aWitnessThatSignsWithTwoKeysIsOne() {
        NoteSigner second = signer("witness.example/w1", KeyType.COSIGNATURE);
        NoteSigner another = signer("witness.example/w2", KeyType.COSIGNATURE);

        assertEquals(
                2,
                Cosignatures.count(
                        log.checkpoint(key, witness, second, another),
                        List.of(witness.key(), second.key(), another.key())));
    }

    @Test
    void namesACheckpointThatWasForged() {
        List<String> larger = new ArrayList<>(lines);
        larger.set(0, lines.getFirst().replace("\\n21\\n", "\\n22\\n"));

        refused("expected a good signature of the key " + ProofFixture.ORIGIN, larger);
        refused("expected the checkpoint at size 21 to be signed by a key of the log", log.file(log.checkpoint(other)));
        refused(
                "expected a good signature of the witness witness.example/w1",
                log.file(new SignedNote(
                        log.checkpoint(key).text(),
                        List.of(
                                key.sign(log.checkpoint(key).text(), 0),
                                witness.sign("x\n1\n" + "A".repeat(43) + "=\n", 0)))));
        refused(
                "expected the witness witness.example/w1 to have signed the checkpoint, but it has not",
                log.file(log.checkpoint(key)));
    }

    @Test
    void namesAnEarlierCheckpointThatIsShownWithLaterRecords() {
        SignedNote early = log.checkpoint(key, witness);
        grow(OUTCOMES + 10);
        List<String> late = log.file(log.checkpoint(key, witness));
        late.set(
                0,
                ProofJson.line(new ProofHead(
                        ProofFixture.ORIGIN, 3, ProofFixture.EXECUTION, late.size() - 1, early, List.of())));

        refused("the record at index 0: expected ", late);
    }

    @Test
    void followsStatementsFromAnOldKeyToANewOne() throws IOException {
        SignedNote first =
                ProofFixture.signed(new KeyStatement(ProofFixture.ORIGIN, 0, List.of(key.key())).text(), key);
        SignedNote both = ProofFixture.signed(
                new KeyStatement(ProofFixture.ORIGIN, 5, List.of(key.key(), other.key())).text(), key, other);
        SignedNote last =
                ProofFixture.signed(new KeyStatement(ProofFixture.ORIGIN, 10, List.of(other.key())).text(), key, other);
        List<String> rotated = log.file(log.checkpoint(other), first, both, last);

        verify(rotated, List.of(key.key()), List.of());
        verify(rotated, List.of(other.key()), List.of());
        refused(
                "but it is signed by " + ProofFixture.ORIGIN + "+"
                        + String.format("%08x", key.key().id()) + ", which signs nothing from size 10 on",
                log.file(log.checkpoint(key), first, both, last),
                List.of(key.key()),
                List.of());
    }

    @Test
    void believesNoStatementThatAnOldKeyHasNotSigned() {
        SignedNote first =
                ProofFixture.signed(new KeyStatement(ProofFixture.ORIGIN, 0, List.of(key.key())).text(), key);
        SignedNote forged = ProofFixture.signed(
                new KeyStatement(ProofFixture.ORIGIN, 5, List.of(key.key(), other.key())).text(), other);

        refused(
                "expected the statement of keys from size 5 on to be signed by a key that signed before, but it is not",
                log.file(log.checkpoint(other), first, forged),
                List.of(key.key()),
                List.of());
    }

    @Test
    void anMlDsaKeyAloneIsEnough() throws IOException {
        assumeTrue(RawKeys.known(KeyType.ML_DSA_44), "ML-DSA needs JDK 24 or newer");
        NoteSigner lattice = signer(ProofFixture.ORIGIN, KeyType.ML_DSA_44);

        SignedNote first = ProofFixture.signed(
                new KeyStatement(ProofFixture.ORIGIN, 0, List.of(key.key(), lattice.key())).text(), key, lattice);

        verify(log.file(log.checkpoint(key, lattice), first), List.of(lattice.key()), List.of());
        verify(log.file(log.checkpoint(key, lattice), first), List.of(key.key()), List.of());
    }

    private void grow(int outcomes) {
        for (int i = 0; i < outcomes; i++) {
            log.add();
        }
    }

    private List<String> with(int line, ProvedRecord record) {
        List<String> changed = new ArrayList<>(lines);
        changed.set(line, ProofJson.line(record));
        return changed;
    }

    private void refused(String because, List<String> file) {
        refused(because, file, List.of(key.key()), List.of(witness.key()));
    }

    private static void refused(
            String because, List<String> file, List<VerifierKey> keys, List<VerifierKey> witnesses) {
        TlogException refusal = assertThrows(TlogException.class, () -> verify(file, keys, witnesses));
        assertTrue(refusal.getMessage().contains(because), refusal::getMessage);
    }

    private static Checked verify(List<String> file, List<VerifierKey> keys, List<VerifierKey> witnesses)
            throws IOException {
        return ProofFile.verify(
                new ByteArrayInputStream(String.join("\n", file).getBytes(StandardCharsets.UTF_8)), keys, witnesses);
    }

    private static NoteSigner signer(String name, KeyType type) {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(type.algorithm()).generateKeyPair();
            return new NoteSigner(
                    new VerifierKey(name, type, RawKeys.of(type, pair.getPublic())),
                    pair.getPrivate(),
                    Optional.empty());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
