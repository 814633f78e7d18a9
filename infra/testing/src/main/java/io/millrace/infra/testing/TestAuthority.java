package io.millrace.infra.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority that issues certificates for tests, into files of PEM. For one thread. */
public final class TestAuthority {

    private static final AtomicLong SERIAL = new AtomicLong(1);
    private static final Duration VALID = Duration.ofDays(30);

    private final KeyPair keys = newKeys();
    private final X509Certificate certificate;
    private final Path folder;
    private final Path file;

    /**
     * A certificate and its key.
     *
     * @param certificate file of the certificate, and of that of the authority behind it
     * @param key file of the private key
     */
    public record Issued(Path certificate, Path key) {}

    /**
     * Makes an authority.
     *
     * @param folder for its files and those that it issues
     * @param name name of the authority and, with {@code .pem}, of its file
     */
    public TestAuthority(Path folder, String name) {
        this.folder = folder;
        X500Principal self = new X500Principal("CN=" + name);
        Instant now = Instant.now();
        certificate = certificate(self, keys, self, keys, now.minus(VALID), now.plus(VALID), true);
        file = write(folder.resolve(name + ".pem"), "CERTIFICATE", encoded(certificate));
    }

    /** @return file of its certificate */
    public Path file() {
        return file;
    }

    /** @return a certificate that is valid now; names are host names, addresses, or URIs with a colon */
    public Issued issue(String fileName, String subject, String... names) {
        Instant now = Instant.now();
        return issue(fileName, subject, now.minus(VALID), now.plus(VALID), names);
    }

    /** As above, valid for this time. */
    public Issued issue(String fileName, String subject, Instant from, Instant until, String... names) {
        KeyPair own = newKeys();
        X509Certificate made = certificate(
                new X500Principal(subject),
                own,
                certificate.getSubjectX500Principal(),
                keys,
                from,
                until,
                false,
                names);
        Path chain = folder.resolve(fileName + ".pem");
        write(chain, "CERTIFICATE", encoded(made), encoded(certificate));
        Path key = write(
                folder.resolve(fileName + "-key.pem"),
                "PRIVATE KEY",
                own.getPrivate().getEncoded());
        return new Issued(chain, key);
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static X509Certificate certificate(
            X500Principal subject,
            KeyPair own,
            X500Principal issuer,
            KeyPair signing,
            Instant from,
            Instant until,
            boolean authority,
            String... names) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer,
                    BigInteger.valueOf(SERIAL.getAndIncrement()),
                    Date.from(from),
                    Date.from(until),
                    subject,
                    own.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (names.length > 0) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(
                                Stream.of(names).map(TestAuthority::name).toArray(GeneralName[]::new)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signing.getPrivate())));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static GeneralName name(String name) {
        int form = name.contains(":")
                ? GeneralName.uniformResourceIdentifier
                : name.matches("[0-9.]+") ? GeneralName.iPAddress : GeneralName.dNSName;
        return new GeneralName(form, name);
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Path write(Path file, String type, byte[]... blocks) {
        StringBuilder text = new StringBuilder();
        for (byte[] block : blocks) {
            text.append("-----BEGIN ")
                    .append(type)
                    .append("-----\n")
                    .append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(block))
                    .append("\n-----END ")
                    .append(type)
                    .append("-----\n");
        }
        try {
            // As whoever renews certificates should do it: readers see the old file or the new one.
            Path beside = file.resolveSibling(file.getFileName() + ".new");
            Files.write(beside, text.toString().getBytes(StandardCharsets.US_ASCII));
            return Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
