package io.millrace.proto.mac;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

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
        try {
            return parse(Files.readAllLines(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("expected a file of keys at " + file + ", but there is none", e);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("expected UTF-8 text in " + file + ", but it is not", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("expected to read " + file + ", but could not: " + e.getMessage(), e);
        }
    }

    private static MacKeys parse(List<String> lines, String where) {
        List<MacKey> keys = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                try {
                    keys.add(key(line));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(where + ", line " + (i + 1) + ": " + e.getMessage());
                }
            }
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("expected at least one key in " + where + ", but there is none");
        }
        try {
            return new MacKeys(keys);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage());
        }
    }

    private static MacKey key(String line) {
        String[] parts = line.split("\\s+");
        if (parts.length != 2) {
            throw new IllegalArgumentException("expected an id, a space and a secret in Base64, but got " + parts.length
                    + (parts.length == 1 ? " part" : " parts"));
        }
        byte[] secret;
        try {
            secret = Base64.getDecoder().decode(parts[1]);
        } catch (IllegalArgumentException e) {
            // The decoder's own text would quote the secret.
            throw new IllegalArgumentException("expected a secret in Base64 as key " + parts[0] + ", but it is not");
        }
        return new MacKey(parts[0], secret);
    }

    /** @return the key of that id, null where there is none */
    MacKey named(byte[] id, int from, int to) {
        for (MacKey key : all) {
            if (Arrays.equals(key.idBytes(), 0, key.idBytes().length, id, from, to)) {
                return key;
            }
        }
        return null;
    }
}
