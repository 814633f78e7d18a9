package io.millrace.proto.mac;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys that the nodes of an installation share. Commands are written with the first key, and checked by any of
 * them. So to change the key: add the new one behind the old one on all nodes, then put it first, then take the old one
 * out. Immutable.
 *
 * @param all no id twice; may be empty
 */
public record MacKeys(List<MacKey> all) {

    /** No key at all. */
    public static final MacKeys NONE = new MacKeys(List.of());

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if two keys have the same id
     */
    public MacKeys {
        all = List.copyOf(all);
        if (all.stream().map(MacKey::id).distinct().count() < all.size()) {
            throw new IllegalArgumentException("expected ids of keys to differ, but one stands twice");
        }
    }

    /**
     * Reads a file of keys. Each line has an id, a space and a secret in Base64. Empty lines, and lines that begin with
     * #, are skipped.
     *
     * @throws IllegalArgumentException "expected …, but …", without any secret, if the file cannot be used
     */
    public static MacKeys read(Path file) {
        List<MacKey> keys = KeyLines.read(file, MacKey::new);
        try {
            return new MacKeys(keys);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage());
        }
    }

    /** @return the key of that id, null where there is none */
    @Nullable
    MacKey named(byte[] id, int from, int to) {
        for (MacKey key : all) {
            if (Arrays.equals(key.idBytes(), 0, key.idBytes().length, id, from, to)) {
                return key;
            }
        }
        return null;
    }
}
