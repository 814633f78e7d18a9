package io.millrace.ingest.encryption;

import com.google.protobuf.ByteString;
import io.millrace.ingest.encryption.Envelope.Kind;
import io.millrace.proto.Failures;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Puts plain text into JSON wherever an envelope stands. What only looks like an envelope, or is not whole, stays as it is. Safe
 * from any thread, never blocks.
 */
public final class Decryption {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final Encryption encryption;

    /** What stands where something was erased. */
    private enum Erased {
        /** Nothing can: the whole fails. */
        REFUSED,
        /** A word on when it was erased, in its place. */
        SHOWN
    }

    /** @param encryption which organisations encrypt, and their keys */
    public Decryption(Encryption encryption) {
        this.encryption = encryption;
    }

    /** @return whether anything of the organisation may be encrypted */
    public boolean concerns(UUID orgId) {
        return encryption.decrypts(orgId);
    }

    /**
     * Decrypts for those who cannot go on without.
     *
     * @param json JSON in UTF-8, as a whole
     * @return the JSON in plain text; fails with {@link ErasedException} if anything in it was erased, and with
     *     {@link io.millrace.proto.UnavailableException} if a key cannot be had
     */
    public CompletableFuture<ByteString> whole(UUID orgId, ByteString json) {
        return decrypt(orgId, json, Erased.REFUSED);
    }

    /**
     * Decrypts for people: what was erased is a JSON object {@code {"erasedAt": time}} or a text in brackets.
     *
     * @return the JSON in plain text; fails with {@link io.millrace.proto.UnavailableException} if a key cannot be had
     */
    public CompletableFuture<ByteString> shown(UUID orgId, ByteString json) {
        return decrypt(orgId, json, Erased.SHOWN);
    }

    private CompletableFuture<ByteString> decrypt(UUID orgId, ByteString json, Erased erased) {
        if (!concerns(orgId) || json.size() < Envelope.MARK.length()) {
            return CompletableFuture.completedFuture(json);
        }
        byte[] text = json.toByteArray();
        List<FoundEnvelope> places = places(text);
        if (places.isEmpty()) {
            return CompletableFuture.completedFuture(json);
        }
        Set<UUID> ids = new HashSet<>();
        places.forEach(place -> ids.add(place.envelope().keyId()));
        return DataKey.retrying(
                () -> keys(orgId, ids, erased).thenApply(known -> ByteString.copyFrom(rewrite(text, places, known))));
    }

    /** @return ids of the keys by which parts of the text are encrypted */
    static Set<UUID> keysIn(ByteString json) {
        Set<UUID> ids = new HashSet<>();
        places(json.toByteArray()).forEach(place -> ids.add(place.envelope().keyId()));
        return ids;
    }

    private record FoundEnvelope(Envelope envelope, int start, int end) {}

    private static List<FoundEnvelope> places(byte[] text) {
        List<FoundEnvelope> places = new ArrayList<>();
        int at = Envelope.find(text, 0);
        while (at >= 0) {
            int end = Envelope.end(text, at);
            int start = at;
            Envelope.head(text, at).ifPresent(envelope -> places.add(new FoundEnvelope(envelope, start, end)));
            at = Envelope.find(text, end);
        }
        return places;
    }

    /** Keys that are there, and when those were erased that are not. */
    private record Known(Map<UUID, DataKey> keys, Map<UUID, Long> erasedMs) {

        private DataKey key(UUID id) {
            return Objects.requireNonNull(keys.get(id), "a data key that was looked up");
        }
    }

    private CompletableFuture<Known> keys(UUID orgId, Set<UUID> ids, Erased erased) {
        Known known = new Known(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        CompletableFuture<?>[] found = ids.stream()
                .map(id -> encryption
                        .keys()
                        .find(orgId, id)
                        .thenAccept(key -> known.keys().put(id, key))
                        .exceptionallyCompose(failure -> {
                            Throwable cause = Failures.cause(failure);
                            if (cause instanceof ErasedException gone && erased == Erased.SHOWN) {
                                known.erasedMs().put(id, gone.atMs());
                                return CompletableFuture.completedFuture(null);
                            }
                            return CompletableFuture.failedFuture(cause);
                        }))
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(found).thenApply(all -> known);
    }

    private static byte[] rewrite(byte[] text, List<FoundEnvelope> places, Known known) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length);
        int written = 0;
        for (FoundEnvelope place : places) {
            Envelope envelope = place.envelope();
            boolean quoted = place.start() > 0
                    && text[place.start() - 1] == '"'
                    && place.end() < text.length
                    && text[place.end()] == '"';
            if (envelope.kind() == Kind.JSON && !quoted) {
                continue;
            }
            int margin = envelope.kind() == Kind.JSON ? 1 : 0;
            Long erasedMs = known.erasedMs().get(envelope.keyId());
            Optional<byte[]> plain = erasedMs != null
                    ? Optional.of(gone(envelope.kind(), erasedMs))
                    : envelope.open(known.key(envelope.keyId()), text, place.start(), place.end());
            if (plain.isPresent()) {
                out.write(text, written, place.start() - margin - written);
                write(out, envelope.kind(), plain.get());
                written = place.end() + margin;
            }
        }
        out.write(text, written, text.length - written);
        return out.toByteArray();
    }

    private static byte[] gone(Kind kind, long atMs) {
        String at = Instant.ofEpochMilli(atMs).toString();
        return switch (kind) {
            case JSON -> ("{\"erasedAt\":\"" + at + "\"}").getBytes(StandardCharsets.US_ASCII);
            case TEXT -> ("[erased at " + at + "]").getBytes(StandardCharsets.US_ASCII);
        };
    }

    private static void write(ByteArrayOutputStream out, Kind kind, byte[] plain) {
        switch (kind) {
            case JSON -> out.writeBytes(plain);
            case TEXT -> {
                for (byte c : plain) {
                    writeInText(out, c);
                }
            }
        }
    }

    /** As it stands between the quotation marks of JSON. */
    private static void writeInText(ByteArrayOutputStream out, byte c) {
        if (c == '"' || c == '\\') {
            out.write('\\');
            out.write(c);
        } else if (c >= 0 && c < 0x20) {
            out.writeBytes("\\u00".getBytes(StandardCharsets.US_ASCII));
            out.write(HEX[c >> 4]);
            out.write(HEX[c & 0xf]);
        } else {
            out.write(c);
        }
    }
}
