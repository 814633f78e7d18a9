package io.millrace.infra.worker;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a worker and its server know each other by TLS. All files are PEM, and are read once. Immutable.
 *
 * @param authorities file of the authorities that the server's certificate has to be from; empty: those of the JDK
 * @param own what is shown to the server; empty: nothing
 */
public record WorkerTls(Optional<Path> authorities, Optional<Own> own) {

    /**
     * What a worker shows to its server.
     *
     * @param certificate file of the certificates, the own one first
     * @param key file of the private key for that, PKCS #8 without a password
     */
    public record Own(Path certificate, Path key) {}

    /** @return trusts the servers that the JDK trusts */
    public static WorkerTls usual() {
        return new WorkerTls(Optional.empty(), Optional.empty());
    }

    /** @return the same, but trusts only servers with a certificate of these authorities */
    public WorkerTls trusting(Path file) {
        return new WorkerTls(Optional.of(file), own);
    }

    /** @return the same, and shows this certificate */
    public WorkerTls showing(Path certificate, Path key) {
        return new WorkerTls(authorities, Optional.of(new Own(certificate, key)));
    }

    ChannelCredentials credentials() {
        TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder();
        try {
            if (authorities.isPresent()) {
                credentials.trustManager(authorities.get().toFile());
            }
            if (own.isPresent()) {
                credentials.keyManager(
                        own.get().certificate().toFile(), own.get().key().toFile());
            }
            return credentials.build();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "expected to read the files for TLS of " + this + ", but could not: " + e.getMessage(), e);
        }
    }
}
