package io.millrace.ingest.audit.keys;

import io.millrace.ingest.audit.tlog.KeyType;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.RawKeys;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import io.millrace.proto.proof.Sha256;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * A pair of keys, Ed25519 or ML-DSA-44.
 *
 * @param privateKey may be one that only its provider can use
 * @param publicKey belongs to it
 * @param provider that has to sign; empty: any that can
 */
public record SigningKey(PrivateKey privateKey, PublicKey publicKey, Optional<Provider> provider) {

    /** What the key signs for. */
    public enum Purpose {
        /** The checkpoints of one's own log. */
        LOG(KeyType.ED25519),
        /** Those of others, as a witness. */
        WITNESS(KeyType.COSIGNATURE);

        private final KeyType withEd25519;

        Purpose(KeyType withEd25519) {
            this.withEd25519 = withEd25519;
        }
    }

    /** @return the algorithm and the first 48 bits of the SHA-256 of the raw public key, in hexadecimal digits */
    public String publicId() {
        KeyType type = type(KeyType.ED25519);
        byte[] hash = Sha256.digest().digest(RawKeys.of(type, publicKey));
        return type.algorithm().toLowerCase(Locale.ROOT) + "-" + HexFormat.of().formatHex(hash, 0, 6);
    }

    private KeyType type(KeyType withEd25519) {
        return publicKey.getAlgorithm().startsWith("Ed") ? withEd25519 : KeyType.ML_DSA_44;
    }

    /**
     * @param name of the signer; for a log its origin
     * @throws TlogException if the key is of another algorithm, or the two do not belong together
     */
    public NoteSigner signer(String name, Purpose purpose) {
        KeyType type = type(purpose.withEd25519);
        return new NoteSigner(new VerifierKey(name, type, RawKeys.of(type, publicKey)), privateKey, provider);
    }
}
