package io.millrace.infra.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * What stands in the files for TLS, checked. Immutable.
 *
 * @param chain the certificates that are shown, the own one first; may be empty
 * @param authorities certificates of those whose word on others is believed; may be empty
 * @param context for new connections. Each has sessions of its own, so none is resumed by what is no longer believed
 */
public record TlsContent(List<X509Certificate> chain, List<X509Certificate> authorities, SSLContext context) {

    private static final char[] NO_PASSWORD = new char[0];
    private static final int FINGERPRINT_BYTES = 6;
    private static final byte[] PROBE = "millrace".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    /**
     * When a certificate ends.
     *
     * @param certificate its subject, and the first 48 bits of its SHA-256: two of a subject may follow each other
     * @param until from then on it is not valid
     */
    public record Ending(String certificate, Instant until) {}

    /**
     * Reads the files.
     *
     * @param now certificates have to be valid at this time
     * @throws TlsException if one cannot be used; the text says which one and why
     */
    public static TlsContent read(TlsFiles files, Instant now) {
        List<X509Certificate> chain = files.certificate().map(Pem::certificates).orElse(List.of());
        List<X509Certificate> authorities =
                files.authorities().map(Pem::certificates).orElse(List.of());
        Optional<PrivateKey> key = Optional.empty();
        if (!chain.isEmpty()) {
            NamedFile certificate = files.certificate().orElseThrow();
            NamedFile keyFile = files.key().orElseThrow();
            expectValid(chain.getFirst(), certificate, now);
            expectOrder(chain, certificate);
            PublicKey open = chain.getFirst().getPublicKey();
            PrivateKey secret = Pem.key(keyFile, open.getAlgorithm());
            expectPair(open, secret, certificate, keyFile);
            key = Optional.of(secret);
        }
        files.authorities().ifPresent(file -> expectOneValid(authorities, file, now));
        return new TlsContent(chain, authorities, context(chain, key, authorities));
    }

    /** @return when the own certificate is no longer valid; empty where there is none */
    public Optional<Instant> expires() {
        return chain.stream().findFirst().map(own -> own.getNotAfter().toInstant());
    }

    /** @return when each of the certificates that are shown is no longer valid */
    public List<Ending> chainEnds() {
        return endings(chain);
    }

    /** @return when each of the authorities is no longer valid, and so none of the certificates that are from it */
    public List<Ending> authorityEnds() {
        return endings(authorities);
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
        } catch (GeneralSecurityException e) {
            throw new TlsException("expected the SHA-256 of a certificate, but could not make it", e);
        }
    }

    private static List<Ending> endings(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(each -> new Ending(
                        name(each) + " " + fingerprint(each), each.getNotAfter().toInstant()))
                .distinct()
                .toList();
    }

    private static void expectValid(X509Certificate certificate, NamedFile file, Instant now) {
        if (now.isAfter(certificate.getNotAfter().toInstant())) {
            throw new TlsException(
                    "expected a certificate that is valid in " + file + ", but that of " + name(certificate)
                            + " expired at " + certificate.getNotAfter().toInstant());
        }
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            throw new TlsException("expected a certificate that is valid in " + file + ", but that of "
                    + name(certificate) + " is valid only from "
                    + certificate.getNotBefore().toInstant() + " on, and it is " + now);
        }
    }

    private static void expectOneValid(List<X509Certificate> authorities, NamedFile file, Instant now) {
        boolean none = authorities.stream()
                .allMatch(each -> now.isAfter(each.getNotAfter().toInstant())
                        || now.isBefore(each.getNotBefore().toInstant()));
        if (none) {
            expectValid(authorities.getFirst(), file, now);
        }
    }

    /** A client that does not know the authority in between cannot find it elsewhere. */
    private static void expectOrder(List<X509Certificate> chain, NamedFile file) {
        for (int i = 0; i + 1 < chain.size(); i++) {
            try {
                chain.get(i).verify(chain.get(i + 1).getPublicKey());
            } catch (GeneralSecurityException e) {
                throw new TlsException(
                        "expected each certificate to be signed by the one behind it in " + file + ", but number "
                                + (i + 1) + ", of " + name(chain.get(i)) + ", is not signed by number " + (i + 2)
                                + ", of " + name(chain.get(i + 1)),
                        e);
            }
        }
    }

    private static void expectPair(PublicKey open, PrivateKey secret, NamedFile certificate, NamedFile key) {
        String mismatch = "expected the private key of the first certificate in " + certificate + " in " + key
                + ", but there is that of another certificate";
        try {
            Signature signature = Signature.getInstance(signatureOf(open.getAlgorithm()));
            signature.initSign(secret);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(PROBE);
            if (!signature.verify(signed)) {
                throw new TlsException(mismatch);
            }
        } catch (InvalidKeyException | SignatureException e) {
            throw new TlsException(mismatch, e);
        } catch (GeneralSecurityException e) {
            throw new TlsException(
                    "expected a key of RSA, of an elliptic curve or of Ed25519 in " + certificate
                            + ", but it is one of " + open.getAlgorithm(),
                    e);
        }
    }

    private static String signatureOf(String algorithm) {
        return switch (algorithm) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> algorithm;
        };
    }

    private static SSLContext context(
            List<X509Certificate> chain, Optional<PrivateKey> key, List<X509Certificate> authorities) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    key.isPresent() ? keyManagers(chain, key.get()) : new KeyManager[0],
                    trustManagers(authorities),
                    null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsException("expected to make TLS of the certificates, but could not: " + e.getMessage(), e);
        }
    }

    private static KeyManager[] keyManagers(List<X509Certificate> chain, PrivateKey key)
            throws GeneralSecurityException, IOException {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, NO_PASSWORD);
        return keys.getKeyManagers();
    }

    /** Without authorities nobody is trusted: what the JDK trusts by itself is no matter of a server's clients. */
    private static TrustManager[] trustManagers(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        if (authorities.isEmpty()) {
            return new TrustManager[0];
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            trusted.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        return trust.getTrustManagers();
    }

    /** @return its subject, or its other names where it has none, for messages */
    static String name(X509Certificate certificate) {
        String subject = certificate.getSubjectX500Principal().getName();
        if (!subject.isEmpty()) {
            return subject;
        }
        try {
            return String.valueOf(certificate.getSubjectAlternativeNames());
        } catch (CertificateParsingException e) {
            return "serial number " + certificate.getSerialNumber();
        }
    }
}
