package io.millrace.ingest.http;

import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.Failures;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.log.CommandLogException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HTTP answers for what goes wrong: {@code {"error":{"code":…,"message":…}}}. */
final class HttpErrors {

    private static final Logger LOG = LoggerFactory.getLogger(HttpErrors.class);

    private HttpErrors() {}

    /** @return the answer; what nobody expected goes into the server's own log as well */
    static HttpReply reply(Throwable error, String method) {
        Throwable cause = Failures.cause(error);
        if (cause instanceof HttpException http) {
            return http.reply();
        }
        if (cause instanceof RefusedException refused && refused.pause().isPresent()) {
            return HttpException.tooMany(refused.getMessage(), refused.pause().get())
                    .reply();
        }
        if (cause instanceof RefusedException refused) {
            return reply(status(refused), refused.reason().name(), refused.getMessage());
        }
        if (cause instanceof CommandLogException late && late.mayTakeEffect()) {
            // No Retry-After, and no 503: an obedient client would ask again, and start or signal twice.
            return HttpReply.json(
                    504,
                    Json.object(json -> json.object(
                            "error",
                            body -> body.text("code", "UNKNOWN_OUTCOME")
                                    .text("message", late.getMessage())
                                    .flag("mayTakeEffect", true))));
        }
        if (cause instanceof UnavailableException) {
            return reply(503, "UNAVAILABLE", String.valueOf(cause.getMessage())).with(Map.of("Retry-After", "1"));
        }
        log(cause, method);
        return reply(500, "INTERNAL", "unexpected failure: " + cause.getClass().getSimpleName());
    }

    /** Notes what nobody expected while an answer was written, when it is too late for another. */
    static void log(Throwable error, String method) {
        LOG.error("unexpected failure of {}: {}", method, FailureTrace.of(Failures.cause(error)));
    }

    static HttpReply reply(int status, String code, String message) {
        return HttpReply.json(
                status,
                Json.object(json ->
                        json.object("error", error -> error.text("code", code).text("message", message))));
    }

    private static int status(RefusedException refused) {
        return switch (refused.reason()) {
            case INVALID_ARGUMENT -> 400;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, FAILED_PRECONDITION -> 409;
            // What was to be changed is not any more as the caller saw it.
            case ABORTED -> 412;
            // The front door refuses what is too large, the engine what is too many.
            case RESOURCE_EXHAUSTED -> refused.logged() ? 429 : 413;
            case PERMISSION_DENIED -> 403;
            case UNIMPLEMENTED -> 501;
            case POISON, REFUSAL_REASON_UNSPECIFIED, UNRECOGNIZED -> 500;
        };
    }
}
