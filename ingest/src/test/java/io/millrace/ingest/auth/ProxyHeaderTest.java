package io.millrace.ingest.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers as the definition of the protocol has them, and what is none. */
class ProxyHeaderTest {

    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static Optional<InetSocketAddress> client(String head, String rest) {
        byte[] first = bytes(SIGNATURE + head);
        assertEquals(rest.length() / 2, ProxyHeader.length(first));
        return ProxyHeader.client(first, bytes(rest));
    }

    @Test
    void tellsOfTheClient() {
        assertEquals(
                Optional.of(new InetSocketAddress("192.0.2.7", 51_000)),
                client("2111000c", "c00002070a000001c73801bb"));
        assertEquals(
                Optional.of(new InetSocketAddress("2001:db8::7", 1)),
                client(
                        "21210024",
                        "20010db8000000000000000000000007" + "20010db8000000000000000000000001" + "000101bb"));
    }

    @Test
    void passesOverWhatStandsBehindTheAddresses() {
        assertEquals(
                Optional.of(new InetSocketAddress("192.0.2.7", 51_000)),
                client("21110010", "c00002070a000001c73801bb" + "04000161"));
    }

    @Test
    void tellsOfNobodyWhereTheProxyItselfConnectsOrNobodyIsKnown() {
        assertTrue(client("20000000", "").isEmpty());
        assertTrue(client("2011000c", "c00002070a000001c73801bb").isEmpty());
        assertTrue(client("21000000", "").isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "474554202f20485454502f312e310d0a, expected a header of the PROXY protocol",
        "0d0a0d0a000d0a515549540a1111000c, expected version 2 and the command",
        "0d0a0d0a000d0a515549540a2211000c, expected version 2 and the command",
        "0d0a0d0a000d0a515549540a21111001, expected at most 4096 bytes"
    })
    void refusesAHeadThatIsNone(String head, String text) {
        String said = assertThrows(IllegalArgumentException.class, () -> ProxyHeader.length(bytes(head)))
                .getMessage();
        assertTrue(said.startsWith(text), said);
    }

    @Test
    void refusesAddressesThatAreCutOffAndFamiliesThatThereAreNot() {
        assertEquals(
                "expected 12 bytes of addresses in a header of the PROXY protocol, but got 11",
                assertThrows(IllegalArgumentException.class, () -> client("2111000b", "c00002070a000001c73801"))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> client("2141000c", "c00002070a000001c73801bb"));
    }
}
