package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.notary.CheckpointTopic.Published;
import io.millrace.ingest.audit.proof.KeyStatement;
import io.millrace.ingest.audit.proof.TrustedKeys;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.NoteVerifier;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of the log of one partition: those that have signed it, as statements on the topic say one behind the other, and those of
 * this node, which sign from now on. One thread.
 */
final class LogKeys {

    private static final Logger LOG = LoggerFactory.getLogger(LogKeys.class);

    /** More than are read of a topic at once. */
    private static final int MOST_REMEMBERED = 128;

    private final int partition;
    private final NotaryConfig config;
    private final LogStore store;
    private final CheckpointTopic topic;
    private List<SignedNote> statements = List.of();
    private @Nullable TrustedKeys trusted;

    /**
     * Whether a key of this node has signed a note, of the last ones that were looked at. To check a signature takes longer than all else
     * that is done with a note, and a takeover looks at the same ones several times.
     */
    private final Map<SignedNote, Boolean> own = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<SignedNote, Boolean> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    LogKeys(int partition, NotaryConfig config, LogStore store, CheckpointTopic topic) {
        this.partition = partition;
        this.config = config;
        this.store = store;
        this.topic = topic;
    }

    /**
     * Reads the statements. The database only says where on the topic they stand.
     *
     * @throws TlogException if one does not stand there, or is not one that follows from those before
     */
    void load() throws SQLException {
        List<SignedNote> chain = new ArrayList<>();
        KeyStatement before = null;
        long end = topic.end(partition);
        for (Published row : store.stated(partition, Long.MAX_VALUE)) {
            boolean there = row.offset() >= 0 && row.offset() < end;
            if (!there
                    || !topic.range(partition, row.offset(), row.offset() + 1).equals(List.of(row))) {
                throw new TlogException("expected the statement of keys that the database has at offset " + row.offset()
                        + " of millrace.checkpoints-" + partition
                        + " to stand there, but it does not: the database was changed");
            }
            before = follow(before, row.note());
            chain.add(row.note());
        }
        statements = chain;
    }

    /** @return the statement that the note holds, which may stand behind the one before */
    private KeyStatement follow(@Nullable KeyStatement before, SignedNote note) {
        KeyStatement statement = KeyStatement.parse(note);
        if (!statement.origin().equals(config.origin(partition))) {
            throw new TlogException("expected a statement of keys of " + config.origin(partition) + ", but got one of "
                    + statement.origin());
        }
        statement.expectBehind(before, note);
        return statement;
    }

    /** @return whether nobody has said yet which keys sign */
    boolean areUnstated() {
        return statements.isEmpty();
    }

    /**
     * Takes in a statement from the topic. One of another log, or one that is known, changes nothing.
     *
     * @throws TlogException if it does not follow from those before
     */
    void take(Published one) throws SQLException {
        KeyStatement statement = KeyStatement.parse(one.note());
        if (!statement.origin().equals(config.origin(partition)) || statements.contains(one.note())) {
            return;
        }
        follow(statements.isEmpty() ? null : KeyStatement.parse(statements.getLast()), one.note());
        List<SignedNote> more = new ArrayList<>(statements);
        more.add(one.note());
        store.keyStatement(partition, one.offset(), statement.size(), one.note());
        statements = more;
        trusted = null;
    }

    /** @return the checkpoint of the note, if it is one of this log that a key of the log has signed */
    Optional<Checkpoint> checkpoint(SignedNote note) {
        try {
            return concerns(note) ? Optional.of(check(note)) : Optional.empty();
        } catch (TlogException forged) {
            return Optional.empty();
        }
    }

    /** @return whether the note is a checkpoint of this log, whoever has signed it */
    boolean concerns(SignedNote note) {
        return Checkpoint.parse(note.text()).origin().equals(config.origin(partition));
    }

    /**
     * What a key of this node has signed is believed, whatever the database says of keys.
     *
     * @throws TlogException if it is no checkpoint of this log that a key of the log has signed
     */
    Checkpoint check(SignedNote note) {
        return concerns(note) && isOwn(note)
                ? Checkpoint.parse(note.text())
                : trusted().check(note);
    }

    /** @return whether a key of this node has signed it */
    boolean isOwn(SignedNote note) {
        return own.computeIfAbsent(note, this::hasSigned);
    }

    private boolean hasSigned(SignedNote note) {
        return config.signers(partition).stream()
                .map(NoteSigner::key)
                .anyMatch(key -> note.signatures().stream()
                        .anyMatch(line -> line.isOf(key) && new NoteVerifier(key).verifies(note.text(), line)));
    }

    private TrustedKeys trusted() {
        if (trusted == null) {
            // The first statement is believed: whoever could write one before the first checkpoint could write the
            // whole log.
            List<VerifierKey> first = statements.isEmpty()
                    ? List.of()
                    : KeyStatement.parse(statements.getFirst()).keys();
            trusted = new TrustedKeys(config.origin(partition), first, statements);
        }
        return trusted;
    }

    /**
     * Says on the topic which keys sign from now on, if they are others than before.
     *
     * @param size of the log
     * @return why they may not: none of them has signed before; empty: they may
     */
    Optional<String> state(List<NoteSigner> signers, long size, long nowMs) throws SQLException {
        List<VerifierKey> keys = signers.stream().map(NoteSigner::key).toList();
        Optional<KeyStatement> last =
                statements.isEmpty() ? Optional.empty() : Optional.of(KeyStatement.parse(statements.getLast()));
        if (last.isPresent() && last.get().keys().equals(keys)) {
            return Optional.empty();
        }
        if (last.isPresent() && keys.stream().noneMatch(last.get().keys()::contains)) {
            return Optional.of("expected a key that signed partition " + partition
                    + " before among those of this node, but it has none:"
                    + " let it have the old and the new keys for a while");
        }
        KeyStatement statement = new KeyStatement(config.origin(partition), size, keys);
        SignedNote note = sign(statement.text(), signers, nowMs);
        long offset = topic.write(partition, note);
        take(new Published(offset, note));
        LOG.info("partition {} is signed from size {} on by {} keys", partition, size, keys.size());
        return Optional.empty();
    }

    /** @return the text with the signatures of all signers; their times are in whole seconds */
    static SignedNote sign(String text, List<NoteSigner> signers, long nowMs) {
        return new SignedNote(
                text,
                signers.stream().map(signer -> signer.sign(text, nowMs / 1_000)).toList());
    }
}
