package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.LongConsumer;

/** Reads the body of a request into one array, which grows with what comes and not with what is announced. Stateless. */
final class RequestBody {

    private static final int FIRST_BYTES = 16 << 10;

    private RequestBody() {}

    /**
     * @param most bytes that are wanted; one more is read, so that a larger body is seen
     * @param holds hears how many bytes the array is to have before it has them; what it throws ends the reading
     * @return the body, or its beginning of one byte more than wanted
     */
    static ByteString read(InputStream in, int most, LongConsumer holds) throws IOException {
        byte[] bytes = new byte[Math.min(FIRST_BYTES, most + 1)];
        int count = in.readNBytes(bytes, 0, bytes.length);
        while (count == bytes.length && count <= most) {
            int more = (int) Math.min(2L * count, most + 1L);
            holds.accept(more);
            bytes = Arrays.copyOf(bytes, more);
            count += in.readNBytes(bytes, count, more - count);
        }
        return UnsafeByteOperations.unsafeWrap(bytes, 0, count);
    }
}
