package io.millrace.ingest.http;

import io.millrace.ingest.limits.OrganisationLoad;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.limits.Turnstile;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What a request has of its organisation's share, from when its key is known until its answer is written: a call, and
 * the memory that its body takes. A history also has a place among those that may be read at a time. Once it is read,
 * it has the memory that it takes until it is written instead. So whoever reads slowly holds bytes of its organisation,
 * and no place. A file of proofs is read while it is written, so it keeps a place among its like until then. For the
 * thread of the request.
 */
final class RequestShare implements AutoCloseable {

    private static final long LONGEST_WAIT_S = 10;
    /** Nearly all bodies are smaller, and soon carried out. */
    private static final long UNCHARGED_BYTES = 16 << 10;

    private final OrganisationLoads loads;
    private @Nullable OrganisationLoad load;
    private boolean seated;
    private long charged;
    private Turnstile.@Nullable Ticket history;
    private Turnstile.@Nullable Ticket answer;
    private Turnstile.@Nullable Ticket proof;

    RequestShare(OrganisationLoads loads) {
        this.loads = loads;
    }

    /**
     * Takes its part.
     *
     * @throws HttpException 429 where the organisation has too much under way
     */
    void take(UUID orgId) {
        OrganisationLoad own = loads.of(orgId);
        if (!own.calls().take(1)) {
            throw tooMany("requests under way than it leaves free for others on this node, but it has "
                    + own.calls().own());
        }
        load = own;
        seated = true;
    }

    /**
     * What is read next may be as large as a history: waits until there is room for one.
     *
     * @throws HttpException 429 where the organisation has too many under way, and none leaves for long
     */
    void readsHistory() {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        history = load().histories().lane().ticket(1, () -> passed.complete(null));
        history.enter();
        await(passed, "histories on their way");
    }

    /**
     * What is written next is read from Kafka meanwhile: waits until there is room for it, and keeps its place until it
     * is written.
     *
     * @throws HttpException 429 where the organisation has too many under way, and none leaves for long
     */
    void provesRecords() {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        proof = load().proofs().lane().ticket(1, () -> passed.complete(null));
        proof.enter();
        await(passed, "files of proofs on their way");
    }

    /**
     * What was asked for is in memory now. A history gives its place to others once there is room for its bytes.
     *
     * @param bytes of the answer
     * @throws HttpException 429 where answers of the organisation take too much already, and none is taken for long
     */
    void answers(long bytes) {
        Turnstile.Ticket read = history;
        if (read == null) {
            return;
        }
        CompletableFuture<Void> passed = new CompletableFuture<>();
        answer = load().answers().lane().ticket(bytes, () -> passed.complete(null));
        answer.enter();
        await(passed, "bytes of answers that are not taken");
        read.leave();
    }

    private static void await(CompletableFuture<Void> passed, String what) {
        try {
            passed.get(LONGEST_WAIT_S, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw tooMany(what + " than this node has room for, but for " + LONGEST_WAIT_S + " s there were");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("expected to answer, but the server is going down", e);
        }
    }

    /**
     * Takes the memory of its body, as it comes.
     *
     * @param bytes of all that came until now
     * @throws HttpException 429 where the organisation's requests take too much already
     */
    void holds(long bytes) {
        if (bytes <= UNCHARGED_BYTES || bytes <= charged) {
            return;
        }
        if (!load().requestBytes().take(bytes - charged)) {
            throw tooMany(
                    "bytes of requests under way than it leaves free for others on this node, but with this one it has");
        }
        charged = bytes;
    }

    /** The request has become an event stream, which has a place of its own: others may ask meanwhile. */
    void becameStream() {
        waits();
    }

    /** The request waits for something, and has a place of its own for that: others may ask and read meanwhile. */
    void waits() {
        if (seated) {
            seated = false;
            load().calls().give(1);
        }
        Turnstile.Ticket read = history;
        if (read != null) {
            history = null;
            read.leave();
        }
    }

    private OrganisationLoad load() {
        return Objects.requireNonNull(load, "load of an organisation that is known");
    }

    private static HttpException tooMany(String of) {
        return HttpException.tooMany("expected an organisation to have no more " + of, Duration.ofSeconds(1));
    }

    @Override
    public void close() {
        if (seated) {
            load().calls().give(1);
        }
        if (charged > 0) {
            load().requestBytes().give(charged);
        }
        // Last, since whoever waits goes on from here.
        if (history != null) {
            history.leave();
        }
        if (answer != null) {
            answer.leave();
        }
        if (proof != null) {
            proof.leave();
        }
    }
}
