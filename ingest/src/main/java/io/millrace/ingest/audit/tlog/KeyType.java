package io.millrace.ingest.audit.tlog;

/** Kinds of signatures below a note, by the byte that stands for each in key ids and verifier keys. */
public enum KeyType {
    /** Ed25519 over the text: signed-note. */
    ED25519(0x01, 32, "Ed25519"),
    /** Ed25519 over the time and the checkpoint: tlog-cosignature, version 1. */
    COSIGNATURE(0x04, 32, "Ed25519"),
    /** ML-DSA-44 over cosigner, time, origin, size and root: tlog-cosignature. The JDK has it from version 24 on. */
    ML_DSA_44(0x06, 1312, "ML-DSA-44");

    private final byte number;
    private final int publicKeyBytes;
    private final String algorithm;

    KeyType(int number, int publicKeyBytes, String algorithm) {
        this.number = (byte) number;
        this.publicKeyBytes = publicKeyBytes;
        this.algorithm = algorithm;
    }

    /** @return the byte that stands for it */
    byte number() {
        return number;
    }

    /** @return bytes of a public key */
    int publicKeyBytes() {
        return publicKeyBytes;
    }

    /** @return name in the Java Cryptography Architecture, of keys and of signatures */
    public String algorithm() {
        return algorithm;
    }

    /** @return whether a log may sign with it; a key of another type says nothing of a log */
    public boolean ofLogs() {
        return this != COSIGNATURE;
    }

    /** @return whether signatures tell when they were made */
    public boolean timed() {
        return this != ED25519;
    }
}
