package io.millrace.ingest.http;

import io.millrace.ingest.auth.Credential;
import io.millrace.ingest.auth.CredentialWatch;
import java.io.IOException;
import java.io.OutputStream;

/** Replies that stay open: they end when what was shown for them is in force no more. */
final class RevocableReply {

    private RevocableReply() {}

    /**
     * @param watch looks whether it is in force
     * @return the reply, or one that ends as well when the credential does
     */
    static HttpReply of(HttpReply reply, Credential credential, CredentialWatch watch) {
        if (reply.later() != null) {
            return HttpReply.later(later(reply.later(), credential, watch));
        }
        return reply.stream() != null && reply.stream().stands()
                ? reply.streaming(stream(reply.stream(), credential, watch))
                : reply;
    }

    private static HttpReply.Later later(HttpReply.Later later, Credential credential, CredentialWatch watch) {
        return new HttpReply.Later() {
            @Override
            public void await() {
                try (CredentialWatch.Open open = watch.watch(credential, why -> later.end())) {
                    later.await();
                }
                credential.over().ifPresent(why -> {
                    throw HttpException.unauthenticated(why);
                });
            }

            @Override
            public void end() {
                later.end();
            }

            @Override
            public HttpReply answer() {
                return later.answer();
            }
        };
    }

    private static HttpReply.Stream stream(HttpReply.Stream stream, Credential credential, CredentialWatch watch) {
        return new HttpReply.Stream() {
            @Override
            public void write(OutputStream out) throws IOException {
                try (CredentialWatch.Open open = watch.watch(credential, stream::end)) {
                    stream.write(out);
                }
            }

            @Override
            public void end(String why) {
                stream.end(why);
            }

            @Override
            public void close() {
                stream.close();
            }
        };
    }
}
