package io.millrace.infra.doctor;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.tls.TlsContent;
import io.millrace.infra.tls.TlsContent.Ending;
import io.millrace.infra.tls.TlsException;
import io.millrace.infra.tls.TlsFiles;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Certificates can be used, and are valid for a while. Stateless. */
final class CertificateCheck {

    private static final Duration SOON = Duration.ofDays(30);
    private static final String RENEW = "put a new one into its file; the node takes it without a restart";
    private static final String REPLACE =
            "put its successor beside it into the file, and take it out once no certificate that is from it is in use";

    private CertificateCheck() {}

    static List<Finding> findings(ServerConfig config) {
        List<Finding> findings = new ArrayList<>();
        config.tls().door().ifPresentOrElse(files -> findings.addAll(look("of gRPC and HTTP", files)), () -> {
            if (config.tls().plainTextAllowed()) {
                findings.add(Finding.warning(
                        "TLS",
                        "gRPC and HTTP speak plain text, as tls.allow_plain_text_beyond_loopback lets them",
                        "see that nobody but the proxy that ends TLS reaches "
                                + config.grpc().host() + " and " + config.http().host()));
            }
        });
        config.tls().nodes().ifPresent(files -> findings.addAll(look("of reads between nodes", files)));
        return findings;
    }

    private static List<Finding> look(String use, TlsFiles files) {
        try {
            Instant now = Instant.now();
            TlsContent content = TlsContent.read(files, now);
            List<Finding> findings = new ArrayList<>();
            content.chainEnds().stream()
                    .min(Comparator.comparing(Ending::until))
                    .ifPresent(end -> findings.add(
                            valid("the certificate " + use + " is valid until " + end.until(), end, now, RENEW)));
            content.authorityEnds()
                    .forEach(end -> findings.add(valid(
                            "the authority " + end.certificate() + " " + use + " is valid until " + end.until(),
                            end,
                            now,
                            REPLACE)));
            return findings;
        } catch (TlsException e) {
            return List.of(
                    Finding.failure("certificate", String.valueOf(e.getMessage()), "mend the file that is named"));
        }
    }

    private static Finding valid(String what, Ending ending, Instant now, String advice) {
        return ending.until().isBefore(now.plus(SOON))
                ? Finding.warning("certificate", what, advice)
                : Finding.ok("certificate", what);
    }
}
