package io.millrace.infra.client.api;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * How a server and this client know each other by TLS. All files are PEM; an empty text stands for none.
 *
 * @param authorities file of the authorities that the server's certificate has to be from; none: those of the JDK
 * @param certificate file of the certificates that are shown to the server, the own one first
 * @param key file of the private key for that, PKCS #8 without a password
 */
public record TargetTls(String authorities, String certificate, String key) {

    /** What the JDK does by itself. */
    public static final TargetTls USUAL = new TargetTls("", "", "");

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----");

    private static final char[] NO_PASSWORD = new char[0];

    /** @return the files of the other, where it names some, and these elsewhere */
    public TargetTls with(TargetTls other) {
        return new TargetTls(
                other.authorities.isEmpty() ? authorities : other.authorities,
                other.certificate.isEmpty() ? certificate : other.certificate,
                other.key.isEmpty() ? key : other.key);
    }

    /** @return the same, with files that are found from everywhere */
    public TargetTls from(Path folder) {
        return new TargetTls(absolute(folder, authorities), absolute(folder, certificate), absolute(folder, key));
    }

    private static String absolute(Path folder, String file) {
        return file.isEmpty()
                ? ""
                : folder.resolve(file).toAbsolutePath().normalize().toString();
    }

    /**
     * @return makes connections as the files say; null where there are none
     * @throws ClientException if a file cannot be used; the text says which
     */
    @Nullable
    SSLSocketFactory sockets() {
        if (equals(USUAL)) {
            return null;
        }
        if (certificate.isEmpty() != key.isEmpty()) {
            throw ClientException.usage("expected --certificate-file and --key-file together, but there is only "
                    + (key.isEmpty() ? "the certificate" : "the key"));
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers(), trustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException | IOException e) {
            throw ClientException.usage("expected to make TLS of the files given, but could not: " + e.getMessage());
        }
    }

    private KeyManager @Nullable [] keyManagers() throws GeneralSecurityException, IOException {
        if (certificate.isEmpty()) {
            return null;
        }
        Certificate[] chain = certificates(certificate).toArray(Certificate[]::new);
        KeyStore own = empty();
        own.setKeyEntry("own", privateKey(chain[0].getPublicKey().getAlgorithm()), NO_PASSWORD, chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, NO_PASSWORD);
        return keys.getKeyManagers();
    }

    private TrustManager @Nullable [] trustManagers() throws GeneralSecurityException, IOException {
        if (authorities.isEmpty()) {
            return null;
        }
        KeyStore trusted = empty();
        int number = 0;
        for (Certificate authority : certificates(authorities)) {
            trusted.setCertificateEntry("authority-" + number++, authority);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        return trust.getTrustManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(String file) {
        Collection<? extends Certificate> certificates;
        try {
            certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(read(file)));
        } catch (GeneralSecurityException e) {
            throw ClientException.usage("expected certificates in PEM in " + file + ", but there are none");
        }
        if (certificates.isEmpty()) {
            throw ClientException.usage("expected a certificate in PEM in " + file + ", but there is none");
        }
        return certificates;
    }

    private PrivateKey privateKey(String algorithm) {
        Matcher found = KEY.matcher(new String(read(key), StandardCharsets.ISO_8859_1));
        if (!found.find()) {
            throw ClientException.usage(
                    "expected a private key in PEM without a password (-----BEGIN PRIVATE KEY-----) in " + key
                            + ", but there is none; `openssl pkcs8 -topk8 -nodes -in FILE` makes one of other forms");
        }
        try {
            return KeyFactory.getInstance(algorithm)
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(1))));
        } catch (GeneralSecurityException e) {
            // The cause may quote parts of the key.
            throw ClientException.usage("expected the private key of the certificate in " + certificate + " in " + key
                    + ", but there is another");
        }
    }

    private static byte[] read(String file) {
        try {
            return Files.readAllBytes(Path.of(file));
        } catch (IOException e) {
            throw ClientException.usage("expected to read " + file + ", but could not: " + e);
        }
    }
}
