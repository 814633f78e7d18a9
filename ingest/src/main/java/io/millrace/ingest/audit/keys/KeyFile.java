package io.millrace.ingest.audit.keys;

import io.millrace.ingest.audit.tlog.KeyType;
import io.millrace.ingest.audit.tlog.RawKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.EncodedKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A file of keys in PEM: of each key its private part (PKCS #8), and then its public part (X.509), as openssl writes them. Whatever
 * stands around the blocks is a comment.
 */
public final class KeyFile {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN (PRIVATE|PUBLIC) KEY-----([A-Za-z0-9+/=\\s]*)-----END \\1 KEY-----");
    private static final List<KeyType> TYPES = List.of(KeyType.ED25519, KeyType.ML_DSA_44);

    private KeyFile() {}

    /** Makes a key from these bytes. */
    private interface Maker<T> {
        T make(KeyFactory factory, byte[] bytes) throws GeneralSecurityException;
    }

    /**
     * Reads all keys of a file, in order.
     *
     * @throws KeyException if there are none, or they have another form
     */
    public static List<SigningKey> read(Path file) {
        List<SigningKey> keys = new ArrayList<>();
        Matcher block = BLOCK.matcher(text(file));
        while (block.find()) {
            if (!block.group(1).equals("PRIVATE")) {
                throw new KeyException(
                        "expected a private key before each public key in " + file + ", but a public one is first");
            }
            PrivateKey own = key(
                    file, block.group(2), (factory, bytes) -> factory.generatePrivate(new PKCS8EncodedKeySpec(bytes)));
            if (!block.find() || !block.group(1).equals("PUBLIC")) {
                throw new KeyException("expected the public key behind its private one in " + file
                        + ", but it is missing; `openssl pkey -in FILE -pubout` writes it");
            }
            PublicKey open = key(
                    file, block.group(2), (factory, bytes) -> factory.generatePublic(new X509EncodedKeySpec(bytes)));
            keys.add(KeyCheck.checked(new SigningKey(own, open, Optional.empty()), file.toString()));
        }
        if (keys.isEmpty()) {
            throw new KeyException("expected a private and a public key in " + file + ", but there is none");
        }
        return keys;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new KeyException(
                    "expected a file of keys at " + file + ", but it cannot be read: " + e.getMessage(), e);
        }
    }

    private static <T> T key(Path file, String base64, Maker<T> maker) {
        byte[] bytes;
        try {
            bytes = Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new KeyException(
                    "expected base64 between the lines of a key in " + file + ", but found something else", e);
        }
        for (KeyType type : TYPES) {
            try {
                if (RawKeys.known(type)) {
                    return maker.make(KeyFactory.getInstance(type.algorithm()), bytes);
                }
            } catch (InvalidKeySpecException other) {
                // of the next algorithm, perhaps
            } catch (GeneralSecurityException e) {
                throw new KeyException("expected to read a key of " + file + ", but: " + e.getMessage(), e);
            }
        }
        throw new KeyException(
                "expected keys of Ed25519 in " + file + ", or of ML-DSA-44 with JDK 24 or newer, but found another");
    }

    /**
     * Makes a new file with new keys, which only its owner may read.
     *
     * @throws KeyException if the file is there already, or cannot be written
     */
    public static List<SigningKey> create(Path file, List<KeyType> types) {
        StringBuilder text = new StringBuilder();
        List<SigningKey> keys = new ArrayList<>();
        for (KeyType type : types) {
            KeyPair pair = generate(type);
            block(text, "PRIVATE", new PKCS8EncodedKeySpec(pair.getPrivate().getEncoded()));
            block(text, "PUBLIC", new X509EncodedKeySpec(pair.getPublic().getEncoded()));
            keys.add(new SigningKey(pair.getPrivate(), pair.getPublic(), Optional.empty()));
        }
        try {
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, text);
            } else {
                Files.writeString(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            }
        } catch (FileAlreadyExistsException e) {
            throw new KeyException("expected no file at " + file + ", but there is one; keys are never overwritten", e);
        } catch (IOException e) {
            throw new KeyException("expected to write " + file + ", but could not: " + e.getMessage(), e);
        }
        return keys;
    }

    /** @return the types of which this JDK can make keys */
    public static List<KeyType> known() {
        return Stream.of(KeyType.ED25519, KeyType.ML_DSA_44)
                .filter(RawKeys::known)
                .toList();
    }

    private static KeyPair generate(KeyType type) {
        try {
            return KeyPairGenerator.getInstance(type.algorithm()).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new KeyException(
                    "expected to make a key of " + type.algorithm() + ", which needs JDK 24 or newer for ML-DSA, but: "
                            + e.getMessage(),
                    e);
        }
    }

    private static void block(StringBuilder text, String kind, EncodedKeySpec key) {
        text.append("-----BEGIN ")
                .append(kind)
                .append(" KEY-----\n")
                .append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded()))
                .append("\n-----END ")
                .append(kind)
                .append(" KEY-----\n");
    }
}
