package io.millrace.ingest.config;

import io.millrace.proto.proof.Sha256;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** Names by which the access file and a certificate of a client mean the same. Stateless. */
public final class CertificateName {

    private static final String SUBJECT = "subject:";
    private static final String DNS = "dns:";
    private static final String URI = "uri:";
    private static final String EMAIL = "email:";
    private static final String SHA256 = "sha256:";
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /** Numbers of the forms of names in RFC 5280, 4.2.1.6. */
    private static final int RFC_EMAIL = 1;

    private static final int RFC_DNS = 2;
    private static final int RFC_URI = 6;

    /** The forms, for messages. */
    static final String FORMS =
            "'subject:CN=…,O=…', 'dns:…', 'uri:…', 'email:…' or 'sha256:' with 64 hexadecimal digits";

    private CertificateName() {}

    /** @return the name in the form in which names are compared; empty if the text is none */
    static Optional<String> parse(String text) {
        int colon = text.indexOf(':') + 1;
        String form = text.substring(0, colon).toLowerCase(Locale.ROOT);
        String name = text.substring(colon).strip();
        if (name.isEmpty()) {
            return Optional.empty();
        }
        return switch (form) {
            case SUBJECT -> subject(name);
            case DNS, EMAIL -> Optional.of(form + name.toLowerCase(Locale.ROOT));
            case URI -> Optional.of(form + name);
            case SHA256 ->
                Optional.of(name.toLowerCase(Locale.ROOT).replace(":", ""))
                        .filter(hex -> DIGEST.matcher(hex).matches())
                        .map(hex -> form + hex);
            default -> Optional.empty();
        };
    }

    private static Optional<String> subject(String text) {
        try {
            return Optional.of(subject(new X500Principal(text)));
        } catch (IllegalArgumentException noName) {
            return Optional.empty();
        }
    }

    private static String subject(X500Principal principal) {
        return SUBJECT + principal.getName(X500Principal.CANONICAL);
    }

    /**
     * @param certificate one that was checked
     * @return all its names
     */
    public static List<String> of(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        names.add(SHA256 + digest(certificate));
        if (!certificate.getSubjectX500Principal().getName().isEmpty()) {
            names.add(subject(certificate.getSubjectX500Principal()));
        }
        for (List<?> other : others(certificate)) {
            String name = String.valueOf(other.get(1));
            switch ((Integer) other.get(0)) {
                case RFC_EMAIL -> names.add(EMAIL + name.toLowerCase(Locale.ROOT));
                case RFC_DNS -> names.add(DNS + name.toLowerCase(Locale.ROOT));
                case RFC_URI -> names.add(URI + name);
                default -> {
                    // Nobody is called by an address or the like.
                }
            }
        }
        return List.copyOf(names);
    }

    private static Collection<List<?>> others(X509Certificate certificate) {
        try {
            @Nullable Collection<List<?>> others = certificate.getSubjectAlternativeNames();
            return others == null ? List.of() : others;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /** @return SHA-256 of the certificate, in hexadecimal digits */
    public static String digest(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(Sha256.digest().digest(certificate.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("expected a certificate that has an encoding, but it has none", e);
        }
    }
}
