package io.millrace.infra.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and private keys in files of PEM (RFC 7468). Stateless. */
final class Pem {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";

    private record Block(String type, byte[] bytes) {}

    private Pem() {}

    /**
     * @return the certificates of the file in their order, at least one
     * @throws TlsException if it holds none, or one that cannot be read
     */
    static List<X509Certificate> certificates(NamedFile file) {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks(file)) {
            if (block.type().equals(CERTIFICATE)) {
                try {
                    certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(block.bytes())));
                } catch (CertificateException e) {
                    throw new TlsException(
                            "expected certificates in " + file + ", but number " + (certificates.size() + 1)
                                    + " cannot be read: " + e.getMessage(),
                            e);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new TlsException(
                    "expected a certificate in PEM (-----BEGIN CERTIFICATE-----) in " + file + ", but there is none");
        }
        return List.copyOf(certificates);
    }

    /**
     * @param algorithm of the public key that it belongs to
     * @return the private key of the file
     * @throws TlsException if it holds none in PKCS #8, or one of another algorithm; without anything of the key
     */
    static PrivateKey key(NamedFile file, String algorithm) {
        List<Block> blocks = blocks(file);
        for (Block block : blocks) {
            if (block.type().equals(KEY)) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(block.bytes()));
                } catch (GeneralSecurityException e) {
                    // The cause may quote parts of the key.
                    throw new TlsException("expected a private key for " + algorithm + ", as the certificate has, in "
                            + file + ", but there is another");
                }
            }
        }
        String found = blocks.stream()
                .map(Block::type)
                .filter(type -> type.endsWith(KEY))
                .findFirst()
                .map(type ->
                        "one of the form '" + type + "'; `openssl pkcs8 -topk8 -nodes -in FILE` makes one that fits")
                .orElse("none");
        throw new TlsException("expected a private key in PEM without a password (-----BEGIN PRIVATE KEY-----) in "
                + file + ", but there is " + found);
    }

    private static List<Block> blocks(NamedFile file) {
        List<Block> blocks = new ArrayList<>();
        Matcher found = BLOCK.matcher(new String(file.read(), StandardCharsets.ISO_8859_1));
        while (found.find()) {
            try {
                blocks.add(new Block(found.group(1), Base64.getMimeDecoder().decode(found.group(2))));
            } catch (IllegalArgumentException e) {
                throw new TlsException("expected Base64 between the lines of PEM in " + file + ", but it is none");
            }
        }
        return blocks;
    }
}
