package io.millrace.infra.client.bulk;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.json.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Waits for the end of a bulk job, and shows how far it is: on a terminal in one line that changes, otherwise in a line every few
 * seconds. If the server is away, or does not know the job yet, the wait goes on for half a minute. A job that has just been made is
 * awaited in the list: whoever asks for what is not there yet is refused, and the audit trail keeps that for ever.
 */
final class BulkWaiter {

    /** Set by the launcher if standard error is a terminal. */
    private static final String TERMINAL = "millrace.terminal";

    private static final Set<String> ENDED = Set.of("COMPLETED", "STOPPED", "FAILED");
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final long SAY_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int LOOKS_IN_VAIN = 120;

    /** HTTP status of the answer to who has begun a job that was not there before. */
    static final int MADE = 201;

    /** So many of the newest jobs are looked at for the one that has just been made. */
    private static final Map<String, String> NEWEST = Map.of("limit", "100");

    private static final int BAR = 30;

    private final Api api;
    private final PrintWriter err;
    private final boolean terminal = Boolean.getBoolean(TERMINAL);
    private long said = System.nanoTime();

    BulkWaiter(Api api, PrintWriter err) {
        this.api = api;
        this.err = err;
    }

    /**
     * @param expected how many items there may be
     * @param made whether the job has just been made, so that the lists may not have it yet
     * @return the exit code, by how it ended
     */
    int run(UUID id, long expected, boolean made) throws InterruptedException {
        int inVain = 0;
        boolean listed = !made;
        while (true) {
            try {
                if (!listed && !isListed(id) && ++inVain <= LOOKS_IN_VAIN) {
                    Thread.sleep(LOOK);
                    continue;
                }
                listed = true;
                JsonObject job =
                        api.get(BulkJobs.LIST.path(id.toString()), Map.of()).json();
                inVain = 0;
                String status = job.text("status");
                show(job, status, expected);
                if (ENDED.contains(status)) {
                    return end(id, job, status);
                }
            } catch (ClientException e) {
                boolean passes = e.exitCode() == ExitCode.UNREACHABLE || e.exitCode() == ExitCode.NOT_FOUND;
                if (!passes || ++inVain > LOOKS_IN_VAIN) {
                    throw e;
                }
            }
            Thread.sleep(LOOK);
        }
    }

    private boolean isListed(UUID id) {
        return api.get(BulkJobs.LIST.path(), NEWEST).json().objects("bulkJobs").stream()
                .anyMatch(job -> job.text("id").equals(id.toString()));
    }

    private int end(UUID id, JsonObject job, String status) {
        if (terminal) {
            err.print("\r\u001b[K");
        }
        err.println("millrace: bulk job " + id + " is " + status + ": " + counts(job)
                + (job.text("statusReason").isEmpty() ? "" : "; " + job.text("statusReason")));
        return switch (status) {
            case "COMPLETED" -> job.number("refused").orElse(0L) == 0 ? ExitCode.DONE : ExitCode.FAILED;
            case "STOPPED" -> ExitCode.CANCELLED;
            default -> ExitCode.FAILED;
        };
    }

    private void show(JsonObject job, String status, long expected) {
        long through = through(job);
        if (terminal) {
            int filled = (int) (BAR * Math.min(through, expected) / Math.max(1, expected));
            err.print("\r\u001b[K[" + "#".repeat(filled) + " ".repeat(BAR - filled) + "] " + through + " of about "
                    + expected + ", " + status + ": " + counts(job));
            err.flush();
        } else if (System.nanoTime() - said > SAY_NANOS) {
            said = System.nanoTime();
            err.println("millrace: " + through + " of about " + expected + ", " + status + ": " + counts(job));
            err.flush();
        }
    }

    /** @return how many items of the job are through */
    static long through(JsonObject job) {
        return job.number("done").orElse(0L)
                + job.number("refused").orElse(0L)
                + job.number("skipped").orElse(0L);
    }

    private static String counts(JsonObject job) {
        return job.number("done").orElse(0L) + " done, " + job.number("refused").orElse(0L) + " refused, "
                + job.number("skipped").orElse(0L) + " skipped";
    }
}
