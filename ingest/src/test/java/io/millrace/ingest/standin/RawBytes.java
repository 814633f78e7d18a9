package io.millrace.ingest.standin;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Bytes as a message, whatever they are. */
public final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {

    /** @return the method, called with any bytes */
    public static MethodDescriptor<byte[], byte[]> method(MethodDescriptor<?, ?> method) {
        return method.toBuilder(new RawBytes(), new RawBytes()).build();
    }

    @Override
    public InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    @Override
    public byte[] parse(InputStream bytes) {
        try {
            return bytes.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
