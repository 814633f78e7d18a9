package io.millrace.ingest.audit.tlog;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** Public keys as raw bytes, and as the JDK has them: behind an X.509 head, which is the same for all keys of an algorithm. */
public final class RawKeys {

    private static final byte[] ED25519_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final byte[] ML_DSA_44_HEAD =
            HexFormat.of().parseHex("30820532300b06096086480165030403110382052100");

    private RawKeys() {}

    /** @return whether this JDK knows the algorithm of the type */
    public static boolean known(KeyType type) {
        try {
            KeyFactory.getInstance(type.algorithm());
            return true;
        } catch (NoSuchAlgorithmException e) {
            return false;
        }
    }

    /** @throws TlogException if the key is not of the type's algorithm */
    public static byte[] of(KeyType type, PublicKey key) {
        byte[] head = head(type);
        byte[] encoded = key.getEncoded();
        if (encoded == null
                || encoded.length != head.length + type.publicKeyBytes()
                || !Arrays.equals(head, Arrays.copyOf(encoded, head.length))) {
            throw new TlogException(
                    "expected a public key of " + type.algorithm() + ", but got one of " + key.getAlgorithm());
        }
        return Arrays.copyOfRange(encoded, head.length, encoded.length);
    }

    /** @throws TlogException if the bytes are no key, or this JDK does not know the algorithm */
    static PublicKey publicKey(VerifierKey key) {
        byte[] head = head(key.type());
        byte[] encoded = Arrays.copyOf(head, head.length + key.publicKey().length);
        System.arraycopy(key.publicKey(), 0, encoded, head.length, key.publicKey().length);
        try {
            return KeyFactory.getInstance(key.type().algorithm()).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (NoSuchAlgorithmException e) {
            throw new TlogException(
                    "expected a JDK that knows " + key.type().algorithm() + ", which are those from 24 on, but"
                            + " this is " + Runtime.version().feature(),
                    e);
        } catch (GeneralSecurityException e) {
            throw new TlogException(
                    "expected " + key.name() + " to have a public key of "
                            + key.type().algorithm() + ", but these bytes are none",
                    e);
        }
    }

    private static byte[] head(KeyType type) {
        return type == KeyType.ML_DSA_44 ? ML_DSA_44_HEAD : ED25519_HEAD;
    }
}
