package io.millrace.ingest.audit.tlog;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The bytes that a key signs, by its type. */
final class SignedMessage {

    private static final String SUBTREE_LABEL = "subtree/v1\n\0";

    private SignedMessage() {}

    /**
     * @param timeSeconds since the epoch, of a signature that tells its time; else it says nothing
     * @throws TlogException if only a checkpoint can be signed so, and the text is none
     */
    static byte[] of(VerifierKey key, long timeSeconds, String text) {
        return switch (key.type()) {
            case ED25519 -> text.getBytes(StandardCharsets.UTF_8);
            case COSIGNATURE -> ("cosignature/v1\ntime " + timeSeconds + "\n" + text).getBytes(StandardCharsets.UTF_8);
            case ML_DSA_44 -> subtree(key.name(), timeSeconds, Checkpoint.parse(text));
        };
    }

    /** The structure {@code cosigned_message} of tlog-cosignature, for a whole tree. */
    private static byte[] subtree(String cosigner, long timeSeconds, Checkpoint checkpoint) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(SUBTREE_LABEL.getBytes(StandardCharsets.US_ASCII));
            opaque(out, "the name of a cosigner", cosigner);
            out.writeLong(timeSeconds);
            opaque(out, "an origin", checkpoint.origin());
            out.writeLong(0);
            out.writeLong(checkpoint.size());
            out.write(checkpoint.root().bytes());
        } catch (IOException e) {
            throw new UncheckedIOException("expected to write to memory, but could not", e);
        }
        return bytes.toByteArray();
    }

    private static void opaque(DataOutputStream out, String what, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (utf8.length == 0 || utf8.length > 0xff) {
            throw new TlogException("expected " + what + " of 1 to 255 bytes, but got " + utf8.length);
        }
        out.writeByte(utf8.length);
        out.write(utf8);
    }
}
