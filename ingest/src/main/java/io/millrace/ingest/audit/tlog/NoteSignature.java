package io.millrace.ingest.audit.tlog;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One line below a note.
 *
 * @param name of the key
 * @param keyId of the key
 * @param signature what comes behind the key id; not to be changed
 */
public record NoteSignature(String name, int keyId, byte[] signature) {

    private static final String BEGIN = "— ";
    private static final int ID_BYTES = 4;

    /**
     * Reads a line, without its end.
     *
     * @throws TlogException if it has another form
     */
    public static NoteSignature parse(String line) {
        int space = line.lastIndexOf(' ');
        if (!line.startsWith(BEGIN) || space < BEGIN.length()) {
            throw new TlogException("expected a signature line '— <name> <base64>', but got '" + line + "'");
        }
        String name = line.substring(BEGIN.length(), space);
        byte[] bytes = Base64Text.decode(line.substring(space + 1));
        if (!VerifierKey.isName(name) || bytes.length <= ID_BYTES) {
            throw new TlogException("expected the name of a key and a signature, but got '" + line + "'");
        }
        return new NoteSignature(
                name, ByteBuffer.wrap(bytes).getInt(), Arrays.copyOfRange(bytes, ID_BYTES, bytes.length));
    }

    /** @return whether it claims to be of this key */
    public boolean isOf(VerifierKey key) {
        return keyId == key.id() && name.equals(key.name());
    }

    /** @return name and id, to be shown */
    public String signer() {
        return name + "+" + VerifierKey.idText(keyId);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NoteSignature line
                && keyId == line.keyId
                && name.equals(line.name)
                && Arrays.equals(signature, line.signature);
    }

    @Override
    public int hashCode() {
        return 31 * keyId + Arrays.hashCode(signature);
    }

    /** @return the line, without its end */
    @Override
    public String toString() {
        byte[] bytes = ByteBuffer.allocate(ID_BYTES + signature.length)
                .putInt(keyId)
                .put(signature)
                .array();
        return BEGIN + name + " " + Base64Text.encode(bytes);
    }
}
