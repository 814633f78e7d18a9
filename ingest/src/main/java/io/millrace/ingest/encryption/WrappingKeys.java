package io.millrace.ingest.encryption;

import io.millrace.ingest.config.PayloadEncryption;
import io.millrace.proto.mac.KeyLines;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The wrapping keys of an organisation: the first one wraps, all unwrap. So a key is changed by putting a new one in front, and
 * the old one stays for as long as anything stands under it. Immutable.
 *
 * @param all at least one, none twice
 */
public record WrappingKeys(List<WrappingKey> all) {

    /** @throws IllegalArgumentException if there is none, or two have the same id */
    public WrappingKeys {
        all = List.copyOf(all);
        if (all.isEmpty() || all.stream().map(WrappingKey::id).distinct().count() < all.size()) {
            throw new IllegalArgumentException(
                    "expected at least one wrapping key, and ids that differ, but it is not so");
        }
    }

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,32}");

    /** @throws IllegalArgumentException if a key cannot have this id */
    static void checkId(String id) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "expected 1 to 32 letters, digits, dots, hyphens and underscores as id of a key, but got '" + id
                            + "'");
        }
    }

    /** @throws IllegalArgumentException "expected …, but …", without any secret, if they cannot be used */
    static WrappingKeys of(PayloadEncryption encryption) {
        return encryption
                .keyStore()
                .map(store -> new WrappingKeys(KeyStoreWrappingKey.read(store)))
                .orElseGet(() -> read(encryption.keyFile().orElseThrow()));
    }

    /**
     * Reads a file: a line for each key, its id, a space and 32 bytes in Base64.
     *
     * @throws IllegalArgumentException "expected …, but …", without any secret, if it cannot be used
     */
    public static WrappingKeys read(Path file) {
        List<WrappingKey> keys = KeyLines.read(file, FileWrappingKey::new);
        try {
            return new WrappingKeys(keys);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    WrappingKey first() {
        return all.get(0);
    }

    Optional<WrappingKey> named(String id) {
        return all.stream().filter(key -> key.id().equals(id)).findFirst();
    }
}
