package io.millrace.ingest.auth.openid;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The text (UTF-8) of an answer, as long as it is no longer than a limit: of more no byte is kept, and the connection is
 * given up. For one answer; its methods are called one after the other.
 */
final class LimitedBody implements BodySubscriber<String> {

    private final BodySubscriber<String> text = BodySubscribers.ofString(StandardCharsets.UTF_8);
    private final int most;
    private Flow.@Nullable Subscription subscription;
    private long got;
    private boolean ended;

    /** @param most bytes of the answer at the most */
    LimitedBody(int most) {
        this.most = most;
    }

    @Override
    public CompletionStage<String> getBody() {
        return text.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        text.onSubscribe(given);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
        if (ended) {
            return;
        }
        got += parts.stream().mapToLong(ByteBuffer::remaining).sum();
        if (got > most) {
            if (subscription != null) {
                subscription.cancel();
            }
            onError(new IOException("expected at most " + most + " bytes, but there are more"));
        } else {
            text.onNext(parts);
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (!ended) {
            ended = true;
            text.onError(failure);
        }
    }

    @Override
    public void onComplete() {
        if (!ended) {
            ended = true;
            text.onComplete();
        }
    }
}
