package io.millrace.infra.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestAuthority;
import io.millrace.infra.testing.TestAuthority.Issued;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class TlsTest {

    @Test
    void newFilesAreTakenAndThoseThatCannotBeUsedAreNot() throws IOException {
        try (TempFolder folder = new TempFolder()) {
            TestAuthority authority = new TestAuthority(folder.path(), "ca");
            Issued issued = authority.issue("own", "CN=first", "localhost");
            TlsFiles files = new TlsFiles(
                    Optional.of(new NamedFile("c", issued.certificate())),
                    Optional.of(new NamedFile("k", issued.key())),
                    Optional.empty(),
                    ClientCertificates.NONE);
            try (Tls tls = new Tls("a test", files)) {
                SSLContext first = tls.get();

                Files.writeString(issued.certificate(), "broken");
                assertThrows(TlsException.class, tls::look);
                assertSame(first, tls.get());

                authority.issue("own", "CN=second", "localhost");
                Await.until("the new certificate", () -> name(tls).equals("CN=second"));
                assertEquals(2, tls.content().chain().size());
            }
        }
    }

    private static String name(Tls tls) {
        return tls.content().chain().getFirst().getSubjectX500Principal().getName();
    }
}
