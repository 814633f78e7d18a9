package io.millrace.ingest.audit.tlog;

import io.millrace.proto.proof.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who may sign, by name and public key.
 *
 * @param name without spaces and plus signs
 * @param type what is signed, and how
 * @param publicKey raw, as signed-note and tlog-cosignature have it; not to be changed
 */
public record VerifierKey(String name, KeyType type, byte[] publicKey) {

    private static final Pattern NAME = Pattern.compile("[^\\s\\p{Z}\\p{Cntrl}+]+");
    private static final int ID_DIGITS = 8;

    /** Checks name and length. */
    public VerifierKey {
        if (!isName(name)) {
            throw new TlogException("expected the name of a key to have no spaces and no '+', but got '" + name + "'");
        }
        if (publicKey.length != type.publicKeyBytes()) {
            throw new TlogException("expected " + type.publicKeyBytes() + " bytes of a public key of "
                    + type.algorithm() + ", but got " + publicKey.length);
        }
    }

    /** @return whether a key, and a log, may have this name */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /**
     * Reads {@code <name>+<id>+<base64>}.
     *
     * @throws TlogException if it has another form, a type that is not known here, or an id that is not its own
     */
    public static VerifierKey parse(String text) {
        return parseKnown(text)
                .orElseThrow(() -> new TlogException(
                        "expected a key of type 01, 04 or 06, but got another type in '" + text + "'"));
    }

    /**
     * Reads the same, where there may be keys of types that others know.
     *
     * @return nothing for a key of a type that is not known here
     * @throws TlogException if it has another form, or an id that is not its own
     */
    public static Optional<VerifierKey> parseKnown(String text) {
        String[] parts = text.split("\\+", 3);
        if (parts.length != 3 || parts[1].length() != ID_DIGITS || !isName(parts[0])) {
            throw new TlogException("expected a verifier key <name>+<8 hex digits>+<base64>, but got '" + text + "'");
        }
        byte[] typed = Base64Text.decode(parts[2]);
        String id = idText(id(parts[0], typed));
        if (typed.length == 0 || !id.equals(parts[1])) {
            throw new TlogException("expected the id " + id + " of the key of " + parts[0] + ", but got " + parts[1]
                    + ": name, id and key do not belong together");
        }
        return Arrays.stream(KeyType.values())
                .filter(type -> typed[0] == type.number())
                .findFirst()
                .map(type -> new VerifierKey(parts[0], type, Arrays.copyOfRange(typed, 1, typed.length)));
    }

    /** @return the id, the first four bytes of the hash of all that the key is, as a big-endian number */
    public int id() {
        byte[] typed = new byte[1 + publicKey.length];
        typed[0] = type.number();
        System.arraycopy(publicKey, 0, typed, 1, publicKey.length);
        return id(name, typed);
    }

    private static int id(String name, byte[] typed) {
        MessageDigest digest = Sha256.digest();
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
        byte[] hash = digest.digest(typed);
        return (hash[0] & 0xff) << 24 | (hash[1] & 0xff) << 16 | (hash[2] & 0xff) << 8 | hash[3] & 0xff;
    }

    /** @return the same key under another name */
    public VerifierKey named(String other) {
        return new VerifierKey(other, type, publicKey);
    }

    /** @return the id as eight hex digits */
    static String idText(int id) {
        return HexFormat.of().toHexDigits(id);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifierKey key
                && name.equals(key.name)
                && type == key.type
                && Arrays.equals(publicKey, key.publicKey);
    }

    @Override
    public int hashCode() {
        return id();
    }

    /** @return the form that {@link #parse} reads */
    @Override
    public String toString() {
        byte[] typed = new byte[1 + publicKey.length];
        typed[0] = type.number();
        System.arraycopy(publicKey, 0, typed, 1, publicKey.length);
        return name + "+" + idText(id()) + "+" + Base64Text.encode(typed);
    }
}
