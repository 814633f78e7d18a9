package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.tlog.AddCheckpoint;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.MerkleProofs;
import io.millrace.ingest.audit.tlog.NoteSignature;
import io.millrace.ingest.audit.tlog.NoteVerifier;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TiledTree;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.proto.kafka.Outage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * Asks witnesses to sign checkpoints, all at once and beside everything else, and publishes what they answer. A witness that is away, or
 * refuses, holds up nobody, and is asked again, at ever longer intervals, for as long as there is no newer checkpoint. Any thread.
 */
final class WitnessRound implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration FIRST_REST = Duration.ofSeconds(1);
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);
    private static final int OK = 200;
    private static final int CONFLICT = 409;

    private final NotaryConfig config;
    private final LogStore store;
    private final CheckpointTopic topic;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(LIMIT).build();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<WitnessAddress, Outage> outages = new HashMap<>();
    /** By witness and partition: the size that it has signed last, as far as is known. */
    private final Map<String, Long> sizes = new ConcurrentHashMap<>();
    /** By partition: its newest checkpoint, until all witnesses have signed it. */
    private final Map<Integer, Round> rounds = new ConcurrentHashMap<>();

    /** A checkpoint for which witnesses are asked. */
    private static final class Round {
        /** With all signatures that it has so far. */
        private SignedNote note;

        private Duration rest = FIRST_REST;
        private long dueNanos = System.nanoTime();
        private boolean underWay;

        Round(SignedNote note) {
            this.note = note;
        }

        /** @return whether it is time to ask; then others need not */
        synchronized boolean begin() {
            if (underWay || System.nanoTime() - dueNanos < 0) {
                return false;
            }
            underWay = true;
            return true;
        }

        synchronized void end() {
            underWay = false;
            dueNanos = System.nanoTime() + rest.toNanos();
            rest = rest.multipliedBy(2).compareTo(LONGEST_REST) < 0 ? rest.multipliedBy(2) : LONGEST_REST;
        }

        synchronized SignedNote note() {
            return note;
        }

        synchronized void note(SignedNote cosigned) {
            note = cosigned;
        }
    }

    WitnessRound(NotaryConfig config, LogStore store, CheckpointTopic topic) {
        this.config = config;
        this.store = store;
        this.topic = topic;
        for (WitnessAddress witness : config.witnesses()) {
            outages.put(witness, new Outage("the witness " + witness.key().name() + " has not signed a checkpoint"));
        }
    }

    /** Asks the witnesses that have not signed the checkpoint yet, the newest of its partition, and returns at once. */
    void ask(int partition, SignedNote checkpoint) {
        if (!missing(checkpoint).isEmpty()) {
            rounds.put(partition, new Round(checkpoint));
            askAgain(partition);
        }
    }

    /** Asks those once more that have not signed the newest checkpoint of the partition, if it is time to, and returns at once. */
    void askAgain(int partition) {
        Round round = rounds.get(partition);
        if (round != null && round.begin()) {
            try {
                threads.submit(() -> {
                    try {
                        return collect(partition, round);
                    } finally {
                        round.end();
                    }
                });
            } catch (RejectedExecutionException closing) {
                // Whoever takes the partition over asks for its newest checkpoint.
            }
        }
    }

    /** Asks for no checkpoint any more: others may have the partitions. */
    void forget() {
        rounds.clear();
    }

    /** Asks for no checkpoint of this partition, until there is one again. */
    void forget(int partition) {
        rounds.remove(partition);
    }

    private List<WitnessAddress> missing(SignedNote checkpoint) {
        return config.witnesses().stream()
                .filter(witness -> checkpoint.signatures().stream().noneMatch(line -> line.isOf(witness.key())))
                .toList();
    }

    private Void collect(int partition, Round round) throws SQLException, InterruptedException {
        SignedNote checkpoint = round.note();
        Map<WitnessAddress, Future<List<NoteSignature>>> answers = new HashMap<>();
        missing(checkpoint)
                .forEach(witness ->
                        answers.put(witness, threads.submit(() -> signatures(witness, partition, checkpoint))));
        List<NoteSignature> all = new ArrayList<>();
        for (Map.Entry<WitnessAddress, Future<List<NoteSignature>>> answer : answers.entrySet()) {
            Outage outage = Objects.requireNonNull(outages.get(answer.getKey()), "outage of a witness");
            try {
                all.addAll(answer.getValue().get());
                outage.over();
            } catch (ExecutionException e) {
                outage.failed(e.getCause() instanceof Exception cause ? cause : e);
            }
        }
        if (!all.isEmpty()) {
            SignedNote cosigned = checkpoint.with(all);
            int cosignatures = config.witnesses().size() - missing(cosigned).size();
            topic.write(partition, cosigned);
            store.published(partition, Checkpoint.parse(checkpoint.text()).size(), cosigned, cosignatures);
            round.note(cosigned);
            if (missing(cosigned).isEmpty()) {
                rounds.remove(partition, round);
            }
        }
        return null;
    }

    private List<NoteSignature> signatures(WitnessAddress witness, int partition, SignedNote checkpoint)
            throws IOException, InterruptedException {
        String place = witness.key() + " " + partition;
        long old = sizes.getOrDefault(place, 0L);
        HttpResponse<String> answer = send(witness, partition, checkpoint, old);
        if (answer.statusCode() == CONFLICT && answer.body().strip().matches("\\d{1,18}")) {
            old = Long.parseLong(answer.body().strip());
            answer = send(witness, partition, checkpoint, old);
        }
        if (answer.statusCode() != OK) {
            throw new TlogException(
                    "expected the witness " + witness.key().name() + " to sign the checkpoint of partition "
                            + partition + " on top of size " + old + ", but it answered " + answer.statusCode() + ": "
                            + answer.body().strip());
        }
        NoteVerifier verifier = new NoteVerifier(witness.key());
        List<NoteSignature> good = answer.body()
                .lines()
                .map(NoteSignature::parse)
                .filter(line -> line.isOf(witness.key()) && verifier.verifies(checkpoint.text(), line))
                .limit(1)
                .toList();
        if (good.isEmpty()) {
            throw new TlogException(
                    "expected a good signature of the witness " + witness.key().name() + ", but got none");
        }
        sizes.put(place, Checkpoint.parse(checkpoint.text()).size());
        return good;
    }

    private HttpResponse<String> send(WitnessAddress witness, int partition, SignedNote checkpoint, long old)
            throws IOException, InterruptedException {
        long size = Checkpoint.parse(checkpoint.text()).size();
        if (old > size) {
            throw new TlogException("expected the witness " + witness.key().name() + " to have signed at most size "
                    + size + " of partition " + partition + ", but it says that it has signed " + old);
        }
        TreeHasher hasher = new TreeHasher();
        List<Hash> proof =
                new MerkleProofs(hasher).consistency(old, size, new TiledTree(hasher, size, store.reader(partition)));
        return http.send(
                HttpRequest.newBuilder(URI.create(witness.prefix() + "/add-checkpoint"))
                        .timeout(LIMIT)
                        .POST(HttpRequest.BodyPublishers.ofString(
                                new AddCheckpoint(old, proof, checkpoint.toString()).toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        threads.shutdownNow();
        http.shutdownNow();
    }
}
