package io.millrace.infra.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestAuthority;
import io.millrace.infra.testing.TestAuthority.Issued;
import io.millrace.infra.tls.ClientCertificates;
import io.millrace.infra.tls.NamedFile;
import io.millrace.infra.tls.Tls;
import io.millrace.infra.tls.TlsContent.Ending;
import io.millrace.infra.tls.TlsFiles;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CertificateFiguresTest {

    @Test
    void theyTellWhenTheCertificateAndEachAuthorityEnd() throws IOException {
        try (TempFolder folder = new TempFolder()) {
            TestAuthority authority = new TestAuthority(folder.path(), "ca");
            TestAuthority second = new TestAuthority(folder.path(), "next-ca");
            Path bundle = Files.writeString(
                    folder.path().resolve("bundle.pem"),
                    Files.readString(authority.file()) + Files.readString(second.file()));
            Issued issued = authority.issue("own", "CN=own", "localhost");
            TlsFiles files = new TlsFiles(
                    Optional.of(new NamedFile("c", issued.certificate())),
                    Optional.of(new NamedFile("k", issued.key())),
                    Optional.of(new NamedFile("a", bundle)),
                    ClientCertificates.WANTED);
            try (Tls tls = new Tls("a test", files);
                    Tls nodes = new Tls("another", files);
                    NodeMetrics metrics = new NodeMetrics()) {
                metrics.of("clients", tls);
                metrics.of("nodes", nodes);

                assertEquals(2, tls.content().authorityEnds().size());
                for (String use : List.of("clients", "nodes")) {
                    for (Ending each : tls.content().authorityEnds()) {
                        assertEquals(each.until().getEpochSecond(), figure(metrics, each, "authority", use));
                    }
                    for (Ending each : tls.content().chainEnds()) {
                        assertEquals(each.until().getEpochSecond(), figure(metrics, each, "own", use));
                    }
                }
            }
        }
    }

    private static long figure(NodeMetrics metrics, Ending of, String part, String use) {
        String begin = "millrace_certificate_not_after_seconds{certificate=\"" + of.certificate() + "\",part=\"" + part
                + "\",use=\"" + use + "\"} ";
        return metrics.text()
                .lines()
                .filter(line -> line.startsWith(begin))
                .map(line -> new BigDecimal(line.substring(begin.length())).longValueExact())
                .findFirst()
                .orElseThrow(() -> new AssertionError(metrics.text()));
    }
}
