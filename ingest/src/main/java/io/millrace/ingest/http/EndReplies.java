package io.millrace.ingest.http;

import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.operations.EndOperations;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.UnavailableException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets a request wait for the end of an execution. A request that waits has a place among the event streams of its
 * organisation. Safe from any thread.
 */
final class EndReplies {

    /** Name of the query parameter that asks for it. */
    static final String PARAMETER = "wait";

    private static final Pattern FORM = Pattern.compile("([0-9]{1,5})(ms|s)");

    private final OrganisationLoads loads;

    /** @param loads what every organisation has under way */
    EndReplies(OrganisationLoads loads) {
        this.loads = loads;
    }

    /** @return how long the request wants to wait; zero: not at all */
    static Duration asked(HttpCall call) {
        return call.parameter(PARAMETER).map(EndReplies::duration).orElse(Duration.ZERO);
    }

    private static Duration duration(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            long number = Long.parseLong(form.group(1));
            Duration duration = form.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
            if (duration.compareTo(EndOperations.LONGEST) <= 0) {
                return duration;
            }
        }
        throw RefusedException.invalid("expected a time such as 500ms or 30s, which is the most, as " + PARAMETER
                + ", but got " + Checks.shown(text));
    }

    /**
     * Answers when the execution has ended, or the time is over.
     *
     * @param wait begins to wait
     * @param answer what is answered then
     * @return 429 where the organisation has too many that wait
     */
    HttpReply reply(UUID orgId, Supplier<CompletableFuture<Void>> wait, Supplier<HttpReply> answer) {
        OpenStreams open = OpenStreams.of(loads, orgId);
        if (!open.enter()) {
            return open.refusal();
        }
        CompletableFuture<Void> over = new CompletableFuture<>();
        return HttpReply.later(new HttpReply.Later() {
            @Override
            public void await() {
                try {
                    EndReplies.await(wait.get(), over);
                } finally {
                    open.leave();
                }
            }

            @Override
            public void end() {
                over.complete(null);
            }

            @Override
            public HttpReply answer() {
                return answer.get();
            }
        });
    }

    private static void await(CompletableFuture<Void> wait, CompletableFuture<Void> over) {
        try {
            CompletableFuture.anyOf(wait, over).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("expected to wait for the end of the execution, but the server stops");
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } finally {
            wait.cancel(false); // nobody waits any more
        }
    }
}
