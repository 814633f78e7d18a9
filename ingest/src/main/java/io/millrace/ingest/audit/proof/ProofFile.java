package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.proof.BlockCheck.CheckedBlock;
import io.millrace.ingest.audit.proof.LineBlocks.Block;
import io.millrace.ingest.audit.proof.ProofVerifier.Verdict;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Checks a file of proofs as a whole. Its size does not matter, since only some blocks of lines are in memory at a time. Each is checked by
 * itself, on all processors. Meanwhile the caller's thread reads on, and checks what follows from their order.
 */
public final class ProofFile {

    /**
     * What was checked.
     *
     * @param head of the file
     * @param checkpoint that all proofs lead to
     * @param verdict what its records are
     */
    public record Checked(ProofHead head, Checkpoint checkpoint, Verdict verdict) {}

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
    /** Blocks in memory: some for each processor, so that none of them waits long for the others. */
    private static final int BLOCKS = 8 * PROCESSORS;

    private ProofFile() {}

    /**
     * @param file stays the caller's to close
     * @param keys of logs that are trusted
     * @param witnesses that all have to have signed
     * @throws TlogException that names the first thing that is wrong
     * @throws IOException if the file cannot be read
     */
    public static Checked verify(InputStream file, List<VerifierKey> keys, List<VerifierKey> witnesses)
            throws IOException {
        LineBlocks lines = new LineBlocks(file);
        List<Block> blocks = lines.next(1);
        if (blocks.isEmpty()) {
            throw new TlogException("expected a file of proofs, but the file is empty");
        }
        Block first = blocks.getFirst();
        int headEnd = first.lineEnd(0);
        ProofHead head = ProofJson.head(BlockCheck.text(first.bytes(), 0, headEnd));
        if (!head.origin().endsWith("/" + head.partition())) {
            throw new TlogException(
                    "expected the log of partition " + head.partition() + ", but the file is of " + head.origin());
        }
        Checkpoint checkpoint = unsigned(head).orElseGet(() -> trusted(head, keys, witnesses));
        ProofVerifier verifier = new ProofVerifier(head);
        Queue<BlockCheck> idle = new ConcurrentLinkedQueue<>();
        ExecutorService threads = Executors.newFixedThreadPool(
                PROCESSORS, Thread.ofPlatform().name("proofs-", 0).daemon(true).factory());
        try {
            // A few signatures take as long as hundreds of records. Nothing is told of a record before they are found
            // good.
            Future<Checkpoint> signed = threads.submit(() -> trusted(head, keys, witnesses));
            Queue<Future<CheckedBlock>> underWay = new ArrayDeque<>();
            List<Block> next = List.of(first.behind(headEnd));
            while (!next.isEmpty() || !underWay.isEmpty()) {
                for (Block block : next) {
                    underWay.add(threads.submit(() -> check(block, idle, head, checkpoint)));
                }
                if (underWay.size() >= BLOCKS || next.isEmpty()) {
                    done(signed);
                    follow(verifier, done(underWay.remove()));
                }
                next = lines.next(1);
            }
        } finally {
            threads.shutdownNow();
        }
        return new Checked(head, checkpoint, verifier.end());
    }

    private static void follow(ProofVerifier verifier, CheckedBlock block) {
        block.records().forEach(verifier::take);
        if (block.failure().isPresent()) {
            throw block.failure().get();
        }
    }

    /** @return the checkpoint of the file, whoever signed it; nothing if it is none: {@link #trusted} says why */
    private static Optional<Checkpoint> unsigned(ProofHead head) {
        try {
            return Optional.of(Checkpoint.parse(head.checkpoint().text()));
        } catch (TlogException e) {
            return Optional.empty();
        }
    }

    /** @throws TlogException if keys, checkpoint or cosignatures are not good */
    private static Checkpoint trusted(ProofHead head, List<VerifierKey> keys, List<VerifierKey> witnesses) {
        Checkpoint checkpoint = new TrustedKeys(head.origin(), keys, head.keys()).check(head.checkpoint());
        Cosignatures.check(head.checkpoint(), witnesses);
        return checkpoint;
    }

    private static <T> T done(Future<T> part) {
        try {
            return part.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TlogException wrong) {
                throw wrong;
            }
            throw new IllegalStateException("expected a part of a file of proofs to be checked, but that failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a file of proofs was checked", e);
        }
    }

    private static CheckedBlock check(Block block, Queue<BlockCheck> idle, ProofHead head, Checkpoint checkpoint) {
        BlockCheck waiting = idle.poll();
        BlockCheck check = waiting == null ? new BlockCheck(head, checkpoint) : waiting;
        try {
            return check.check(block);
        } finally {
            idle.add(check);
        }
    }
}
