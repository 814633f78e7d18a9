package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.auth.CallTraces;
import io.millrace.ingest.auth.CredentialWatch;
import io.millrace.ingest.auth.RefusedLogins;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.encryption.Decryption;
import io.millrace.ingest.encryption.Encryption;
import io.millrace.ingest.http.server.WebLimits;
import io.millrace.ingest.limits.LoadSettings;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.operations.PayloadReads;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.trace.Spans;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose connection has to go where there are many. */
class HttpDoorStrangersTest {

    /** Of which one address may have half, and a quarter may be strangers: two. */
    private static final int CONNECTIONS = 8;

    private final CredentialWatch credentials = new CredentialWatch();
    private HttpDoor door;
    private int port;

    @BeforeEach
    void open() throws IOException {
        ScriptedLog log = new ScriptedLog();
        OrganisationLoads loads = new OrganisationLoads(LoadSettings.defaults());
        door = new HttpDoor(
                new HttpSettings("127.0.0.1", 0, 1 << 20, 1),
                EmptyRoutes.of(loads),
                OpenDoor.authenticator(AccessFile.parse(OpenDoor.TOML)),
                credentials,
                new RefusalLog(new RefusedRequests(log)),
                loads,
                new HttpAudit(
                        TrustedProxies.NONE,
                        new RefusedLogins(log),
                        new PayloadReads(log, false),
                        new CallTraces(Spans.NONE, 0)),
                new Decryption(Encryption.NONE),
                usual -> new WebLimits(
                        usual.requestTime(),
                        usual.headBytes(),
                        usual.headers(),
                        CONNECTIONS,
                        usual.patience(),
                        usual.drainedBytes()));
        port = door.start(new NodeStatus("node", Path.of("/data"), Optional::empty), () -> "", Optional.empty())
                .getPort();
    }

    @AfterEach
    void close() {
        door.close();
        credentials.close();
    }

    @Test
    void aConnectionThatShowedAKnownKeyStaysThoughTheRequestWasRefused() throws IOException {
        try (Socket known = connect()) {
            assertEquals(404, ask(known, OpenDoor.USER_KEY));
            // One at a time: connections that come together are opened in any order.
            try (Socket stranger = connect()) {
                assertEquals(401, ask(stranger, "unknown"));
                try (Socket other = connect()) {
                    assertEquals(401, ask(other, "unknown"));
                    try (Socket newcomer = connect()) {
                        assertEquals(-1, stranger.getInputStream().read());
                        assertEquals(404, ask(known, OpenDoor.USER_KEY));
                        assertEquals(401, ask(newcomer, "unknown"));
                    }
                }
            }
        }
    }

    @Test
    void aKeyThatNobodyKnowsMakesNobodyKnown() throws IOException {
        try (Socket stranger = connect()) {
            assertEquals(401, ask(stranger, "unknown"));
            try (Socket other = connect();
                    Socket newcomer = connect()) {
                assertEquals(-1, stranger.getInputStream().read());
                assertEquals(401, ask(other, "unknown"));
                assertEquals(404, ask(newcomer, OpenDoor.USER_KEY));
            }
        }
    }

    private Socket connect() throws IOException {
        return new Socket("127.0.0.1", port);
    }

    /** @return the status of a request for what an organisation of others has */
    private static int ask(Socket client, String key) throws IOException {
        client.getOutputStream()
                .write(("GET /api/orgs/others/workers HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + key + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        InputStream in = client.getInputStream();
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertTrue(next >= 0, "expected an answer, but the connection ended");
            answer.append((char) next);
        }
        int lengthAt =
                answer.toString().toLowerCase(Locale.ROOT).indexOf("content-length: ") + "content-length: ".length();
        in.readNBytes(Integer.parseInt(answer.substring(lengthAt, answer.indexOf("\r\n", lengthAt))));
        return Integer.parseInt(answer.substring(9, 12));
    }
}
