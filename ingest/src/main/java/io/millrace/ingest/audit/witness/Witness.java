package io.millrace.ingest.audit.witness;

import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.tlog.AddCheckpoint;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.MerkleProofs;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.NoteVerifier;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs checkpoints that have grown from those that it signed before, and no others. What it has signed is stored before it answers, and
 * never goes back, so a log that shows others another tree needs another witness. Any thread.
 */
public final class Witness implements AutoCloseable {

    /** What was signed of a log before its first checkpoint. */
    private static final Checkpoint NOTHING = new Checkpoint("", 0, new TreeHasher().empty());

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String SIZE = "text/x.tlog.size";
    private static final Logger LOG = LoggerFactory.getLogger(Witness.class);

    private final List<NoteSigner> signers;
    private final Map<String, Log> logs = new HashMap<>();
    private final WitnessStore store;
    private final Clock clock;

    /** A log that it knows; whoever has its lock may read and store what was signed of it. */
    private static final class Log {
        private final Map<VerifierKey, NoteVerifier> keys = new HashMap<>();
    }

    /**
     * An answer by HTTP.
     *
     * @param status of it
     * @param contentType of the body
     * @param body signatures, a size, or what was expected
     */
    public record Answer(int status, String contentType, String body) {}

    /**
     * @param name of the witness
     * @param keys that it signs with
     * @param logKeys whose checkpoints it signs; the name of each is the origin of its log
     * @param folder where it stores what it has signed
     */
    public Witness(String name, List<SigningKey> keys, List<VerifierKey> logKeys, Path folder, Clock clock) {
        signers = keys.stream().map(key -> key.signer(name, Purpose.WITNESS)).toList();
        logKeys.forEach(
                key -> logs.computeIfAbsent(key.name(), first -> new Log()).keys.put(key, new NoteVerifier(key)));
        this.clock = clock;
        store = new WitnessStore(folder);
    }

    /** @return the keys by which others check its signatures */
    public List<VerifierKey> keys() {
        return signers.stream().map(NoteSigner::key).toList();
    }

    /**
     * Answers {@code add-checkpoint} of tlog-witness.
     *
     * @throws UncheckedIOException if what was signed before cannot be read, or this not be stored: nothing is signed then
     */
    public Answer add(String body) {
        AddCheckpoint asked;
        SignedNote note;
        Checkpoint checkpoint;
        try {
            asked = AddCheckpoint.parse(body);
            note = SignedNote.parse(asked.checkpoint());
            checkpoint = Checkpoint.parse(note.text());
        } catch (TlogException e) {
            return refusal(400, e.getMessage());
        }
        Log log = logs.get(checkpoint.origin());
        if (log == null) {
            return refusal(404, "expected a log that this witness knows, but got " + checkpoint.origin());
        }
        if (!signed(note, log)) {
            return refusal(403, "expected a good signature of a key of " + checkpoint.origin() + ", but there is none");
        }
        if (asked.oldSize() > checkpoint.size()) {
            return refusal(
                    400, "expected an old size of at most " + checkpoint.size() + ", but got " + asked.oldSize());
        }
        synchronized (log) {
            return addNext(asked, note, checkpoint);
        }
    }

    private static boolean signed(SignedNote note, Log log) {
        return log.keys.values().stream()
                .anyMatch(verifier -> note.signatures().stream()
                        .anyMatch(line -> line.isOf(verifier.key()) && verifier.verifies(note.text(), line)));
    }

    private Answer addNext(AddCheckpoint asked, SignedNote note, Checkpoint checkpoint) {
        Checkpoint last = store.read(checkpoint.origin()).orElse(NOTHING);
        if (asked.oldSize() != last.size()) {
            return new Answer(409, SIZE, last.size() + "\n");
        }
        Hash root = last.root();
        if (last.size() == checkpoint.size() && !root.equals(checkpoint.root())) {
            LOG.error(
                    "{} shows two trees of size {}: {} and {}",
                    checkpoint.origin(),
                    last.size(),
                    root,
                    checkpoint.root());
            return new Answer(409, SIZE, last.size() + "\n");
        }
        try {
            new MerkleProofs(new TreeHasher())
                    .checkConsistency(last.size(), root, checkpoint.size(), checkpoint.root(), asked.proof());
        } catch (TlogException e) {
            LOG.error(
                    "{} has not shown that it grew from size {} to {}: {}",
                    checkpoint.origin(),
                    last.size(),
                    checkpoint.size(),
                    e.getMessage());
            return refusal(422, e.getMessage());
        }
        SignedNote cosigned = note.with(signers.stream()
                .map(signer -> signer.sign(note.text(), clock.millis() / 1_000))
                .toList());
        store.write(checkpoint.origin(), cosigned);
        return new Answer(
                200,
                TEXT,
                cosigned.signatures().stream()
                        .filter(line -> signers.stream().anyMatch(signer -> line.isOf(signer.key())))
                        .map(line -> line + "\n")
                        .collect(Collectors.joining()));
    }

    private static Answer refusal(int status, String message) {
        return new Answer(status, TEXT, message + "\n");
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
