package io.millrace.ingest.http;

import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.limits.Turnstile;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.reads.ExecutionWatch;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.WatchStep;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets a request wait for the end of an execution. Whoever owns the execution tells it of the end, as with event
 * streams. Meanwhile it asks nobody. A request that waits has a place among the event streams of its organisation. Safe
 * from any thread.
 */
final class EndWait {

    /** Name of the query parameter that asks for it. */
    static final String PARAMETER = "wait";

    /** Below what proxies and clients commonly wait for an answer. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private static final Pattern FORM = Pattern.compile("([0-9]{1,5})(ms|s)");
    private static final long MIN_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long MAX_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Reads reads;
    private final OrganisationLoads loads;

    /**
     * @param reads where executions are watched
     * @param loads what every organisation has under way
     */
    EndWait(Reads reads, OrganisationLoads loads) {
        this.reads = reads;
        this.loads = loads;
    }

    /** @return how long the request wants to wait; zero: not at all */
    static Duration asked(HttpCall call) {
        return call.parameter(PARAMETER).map(EndWait::duration).orElse(Duration.ZERO);
    }

    private static Duration duration(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            long number = Long.parseLong(form.group(1));
            Duration duration = form.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
            if (duration.compareTo(LONGEST) <= 0) {
                return duration;
            }
        }
        throw RefusedException.invalid("expected a time such as 500ms or 30s, which is the most, as " + PARAMETER
                + ", but got " + Checks.shown(text));
    }

    /**
     * Answers when the execution has ended, or the time is over.
     *
     * @param seen position in the life of the execution from which on it is watched
     * @param answer what is answered then
     * @return 429 where the organisation has too many that wait
     */
    HttpReply reply(UUID orgId, Lifecycle lifecycle, int seen, Duration longest, Supplier<HttpReply> answer) {
        OpenStreams open = OpenStreams.of(loads, orgId);
        if (!open.enter()) {
            return open.refusal();
        }
        return HttpReply.later(new HttpReply.Later() {
            @Override
            public void await() {
                try {
                    EndWait.this.await(lifecycle, seen, open, System.nanoTime() + longest.toNanos());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new UnavailableException(
                            "expected to wait for the end of the execution, but the server stops");
                } finally {
                    open.leave();
                }
            }

            @Override
            public HttpReply answer() {
                return answer.get();
            }
        });
    }

    /** What is kept of a step: its payloads may be large, and many may wait for the same execution. */
    private record Step(int events, WatchStep.End end) {

        static Step of(WatchStep told) {
            return new Step(told.getEventsCount(), told.getEnd());
        }
    }

    private void await(Lifecycle lifecycle, int from, OpenStreams open, long untilNanos) throws InterruptedException {
        int seen = from;
        long retryNanos = MIN_RETRY_NANOS;
        BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
        while (true) {
            Step step;
            try (ExecutionWatch watch = reads.watch(lifecycle.watch(seen), told -> steps.add(Step.of(told)))) {
                do {
                    watch.next();
                    step = steps.poll(untilNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
                    seen += step == null ? 0 : step.events();
                } while (step != null && step.end() == WatchStep.End.OPEN);
            }
            if (step == null || step.end() == WatchStep.End.ENDED) {
                return;
            }
            if (step.end() == WatchStep.End.UNKNOWN && isPast(lifecycle, open)) {
                return;
            }
            // It moved to another owner. With jitter, so that those who wait do not come back all at once.
            steps.clear();
            long pauseNanos = ThreadLocalRandom.current().nextLong(retryNanos / 2, retryNanos);
            if (System.nanoTime() + pauseNanos - untilNanos >= 0) {
                return;
            }
            TimeUnit.NANOSECONDS.sleep(pauseNanos);
            retryNanos = Math.min(MAX_RETRY_NANOS, retryNanos * 2);
        }
    }

    /** Whether it ended and left the stores; while that is not known, it is watched again. */
    private static boolean isPast(Lifecycle lifecycle, OpenStreams open) {
        Turnstile.Ticket place = open.histories().ticket(1, () -> {});
        if (!place.enterNow()) {
            return false;
        }
        try {
            return lifecycle.ended();
        } catch (RuntimeException e) {
            Throwable cause = Failures.cause(e);
            if (cause instanceof RefusedException
                    || cause instanceof ReadsUnavailableException
                    || cause instanceof QueriesUnavailableException) {
                return false;
            }
            throw e;
        } finally {
            place.leave();
        }
    }
}
