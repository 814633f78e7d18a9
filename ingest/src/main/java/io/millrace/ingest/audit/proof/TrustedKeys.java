package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.NoteSignature;
import io.millrace.ingest.audit.tlog.NoteVerifier;
import io.millrace.ingest.audit.tlog.RawKeys;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whom a verifier believes: the keys that it was given, and those to which statements of keys lead from them. A key that a later
 * statement does not name any more signs no checkpoint from that size on. One thread.
 */
public final class TrustedKeys {

    private final String origin;
    /** By key: the size from which on it signs no more. */
    private final Map<VerifierKey, Long> until = new LinkedHashMap<>();

    /**
     * @param given keys of any logs
     * @param statements of the log, in the order of their sizes
     * @throws TlogException if no key of this log was given, or a statement does not follow from the one before it
     */
    public TrustedKeys(String origin, List<VerifierKey> given, List<SignedNote> statements) {
        this.origin = origin;
        given.stream().filter(this::isOfThisLog).forEach(key -> until.put(key, Long.MAX_VALUE));
        if (until.isEmpty()) {
            throw new TlogException(
                    "expected a log whose key was given (" + names(given) + "), but this is of the log " + origin);
        }
        long last = 0;
        for (SignedNote note : statements) {
            KeyStatement statement = KeyStatement.parse(note);
            if (!statement.origin().equals(origin) || statement.size() < last) {
                throw new TlogException(
                        "expected statements of keys of " + origin + " in the order of their sizes, but got one of "
                                + statement.origin() + " from size " + statement.size() + " on");
            }
            last = statement.size();
            take(note, statement);
        }
    }

    private void take(SignedNote note, KeyStatement statement) {
        boolean known = statement.keys().stream().anyMatch(this::signs);
        if (!signed(note, statement.size())) {
            // Before the statement that names a given key there may be others, of keys that came before it.
            if (known) {
                throw new TlogException("expected the statement of keys from size " + statement.size()
                        + " on to be signed by a key that signed before, but it is not");
            }
            return;
        }
        until.replaceAll(
                (key, end) -> end == Long.MAX_VALUE && !statement.keys().contains(key) ? statement.size() : end);
        statement.keys().stream().filter(this::isOfThisLog).forEach(key -> until.put(key, Long.MAX_VALUE));
    }

    private boolean isOfThisLog(VerifierKey key) {
        return key.name().equals(origin) && key.type().ofLogs();
    }

    private boolean signs(VerifierKey key) {
        return until.getOrDefault(key, -1L) == Long.MAX_VALUE;
    }

    /** @return whether a key that signs at this size has signed; one that is known and wrong is an error */
    private boolean signed(SignedNote note, long size) {
        boolean good = false;
        for (NoteSignature line : note.signatures()) {
            for (Map.Entry<VerifierKey, Long> key : until.entrySet()) {
                if (line.isOf(key.getKey()) && RawKeys.known(key.getKey().type())) {
                    if (!new NoteVerifier(key.getKey()).verifies(note.text(), line)) {
                        throw new TlogException("expected a good signature of the key " + line.signer()
                                + ", but it does not fit the text: the text, or the signature, was changed");
                    }
                    good |= size < key.getValue();
                }
            }
        }
        return good;
    }

    /**
     * Checks that a checkpoint is of this log and signed by a key that signs at its size.
     *
     * @throws TlogException if not
     */
    public Checkpoint check(SignedNote note) {
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        if (!checkpoint.origin().equals(origin)) {
            throw new TlogException(
                    "expected a checkpoint of the log " + origin + ", but got one of " + checkpoint.origin());
        }
        if (signed(note, checkpoint.size())) {
            return checkpoint;
        }
        List<String> ended = new ArrayList<>();
        until.forEach((key, end) -> {
            if (note.signatures().stream().anyMatch(line -> line.isOf(key))) {
                ended.add(shown(key) + ", which signs nothing from size " + end + " on");
            }
        });
        String found = ended.isEmpty()
                ? "only "
                        + note.signatures().stream().map(NoteSignature::signer).collect(Collectors.joining(", "))
                        + " did"
                : "it is signed by " + String.join(" and ", ended);
        throw new TlogException(
                "expected the checkpoint at size " + checkpoint.size() + " to be signed by a key of the log ("
                        + names(until.keySet().stream().filter(this::signs).toList()) + "), but " + found);
    }

    private static String names(List<VerifierKey> keys) {
        return keys.isEmpty() ? "none" : keys.stream().map(TrustedKeys::shown).collect(Collectors.joining(", "));
    }

    private static String shown(VerifierKey key) {
        return key.name() + "+" + String.format("%08x", key.id());
    }
}
