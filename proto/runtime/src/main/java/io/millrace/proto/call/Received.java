package io.millrace.proto.call;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * What came as a request. One of the two is null.
 *
 * @param message the message
 * @param fault what is wrong with the bytes, without a piece of them
 */
record Received<Q>(@Nullable Q message, @Nullable Status fault) {

    /** @return reads messages as the method does, but never throws because of what came */
    static <Q> MethodDescriptor.Marshaller<Received<Q>> marshaller(MethodDescriptor<Q, ?> method) {
        return new MethodDescriptor.Marshaller<>() {
            @Override
            public Received<Q> parse(InputStream bytes) {
                try {
                    return new Received<>(method.parseRequest(bytes), null);
                } catch (RuntimeException e) {
                    return new Received<>(null, fault(method, e));
                }
            }

            @Override
            public InputStream stream(Received<Q> received) {
                return method.streamRequest(received.message());
            }
        };
    }

    private static Status fault(MethodDescriptor<?, ?> method, RuntimeException error) {
        if (error instanceof StatusRuntimeException e && e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
            return e.getStatus().withCause(null);
        }
        Throwable cause = error.getCause() == null ? error : error.getCause();
        return Status.INVALID_ARGUMENT.withDescription("expected a message of " + method.getFullMethodName()
                + ", but the bytes are none: " + cause.getMessage());
    }
}
