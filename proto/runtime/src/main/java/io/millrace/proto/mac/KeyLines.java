package io.millrace.proto.mac;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Files of secret keys. Each line has an id, a space and a secret in Base64. Empty lines, and lines that begin with #,
 * are skipped.
 */
public final class KeyLines {

    private KeyLines() {}

    /**
     * Reads a file of keys.
     *
     * @param maker makes a key from its id and secret, or throws an IllegalArgumentException whose text tells no secret
     * @return the keys in order, at least one
     * @throws IllegalArgumentException "expected …, but …", without any secret, if the file cannot be used
     */
    public static <K> List<K> read(Path file, BiFunction<String, byte[], K> maker) {
        try {
            return parse(Files.readAllLines(file), file.toString(), maker);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("expected a file of keys at " + file + ", but there is none", e);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("expected UTF-8 text in " + file + ", but it is not", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("expected to read " + file + ", but could not: " + e.getMessage(), e);
        }
    }

    private static <K> List<K> parse(List<String> lines, String where, BiFunction<String, byte[], K> maker) {
        List<K> keys = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                try {
                    keys.add(key(line, maker));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(where + ", line " + (i + 1) + ": " + e.getMessage());
                }
            }
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("expected at least one key in " + where + ", but there is none");
        }
        return keys;
    }

    private static <K> K key(String line, BiFunction<String, byte[], K> maker) {
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
        return maker.apply(parts[0], secret);
    }
}
