package io.millrace.ingest.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Only a proxy that the configuration names is believed, and nothing that the client itself put before. */
class TrustedProxiesTest {

    private static final TrustedProxies TRUSTED =
            new TrustedProxies(List.of(Network.parse("10.0.0.0/8"), Network.parse("2001:db8::/32")));

    @Test
    void whatAStrangerSaysOfItselfIsNotBelieved() {
        InetSocketAddress stranger = new InetSocketAddress("192.0.2.9", 4);

        assertEquals("192.0.2.9:4", TRUSTED.origin(stranger, null, "for=1.2.3.4", "1.2.3.4"));
        assertEquals(
                "10.1.1.1:4",
                TrustedProxies.NONE.origin(new InetSocketAddress("10.1.1.1", 4), null, "for=1.2.3.4", "1.2.3.4"));
    }

    @Test
    void theClientOfTheProxyProtocolIsBelievedAndItsHeadersOnlyWhereItIsTrusted() {
        InetSocketAddress peer = new InetSocketAddress("172.16.0.1", 6);

        assertEquals(
                "192.0.2.9 via 172.16.0.1:6",
                TRUSTED.origin(peer, new InetSocketAddress("192.0.2.9", 4), "for=1.2.3.4", null));
        assertEquals(
                "1.2.3.4 via 172.16.0.1:6",
                TRUSTED.origin(peer, new InetSocketAddress("10.1.1.1", 4), "for=1.2.3.4", null));
        assertEquals(
                "10.1.1.1 via 172.16.0.1:6", TRUSTED.origin(peer, new InetSocketAddress("10.1.1.1", 4), null, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-                                       | 1.2.3.4                | 1.2.3.4 via 10.1.1.1:5",
                "-                                       | 6.6.6.6, 1.2.3.4       | 1.2.3.4 via 10.1.1.1:5",
                "-                                       | 6.6.6.6, 1.2.3.4,10.2.2.2 | 1.2.3.4 via 10.1.1.1:5",
                "-                                       | 1.2.3.4:99             | 1.2.3.4 via 10.1.1.1:5",
                "-                                       | 10.3.3.3               | 10.1.1.1:5",
                "-                                       | -                      | 10.1.1.1:5",
                "-                                       | 1.2.3.4, unknown       | 10.1.1.1:5",
                "-                                       | 1.2.3.4, evil.example  | 10.1.1.1:5",
                "-                                       | 1.2.3.4,999.1.1.1      | 10.1.1.1:5",
                "for=1.2.3.4                             | 5.5.5.5                | 1.2.3.4 via 10.1.1.1:5",
                "for=6.6.6.6, proto=https;FOR=1.2.3.4;by=x | -                    | 1.2.3.4 via 10.1.1.1:5",
                "for=\"[2001:db9::7]:123\"               | -                      | 2001:db9:0:0:0:0:0:7 via 10.1.1.1:5",
                "for=1.2.3.4, for=\"[2001:db8::7]\"      | -                      | 1.2.3.4 via 10.1.1.1:5",
                "for=1.2.3.4, for=_hidden                | -                      | 10.1.1.1:5",
                "for=1.2.3.4, proto=http                 | -                      | 10.1.1.1:5"
            })
    void theLastAddressThatIsNoTrustedProxyIsTheClient(String forwarded, String xForwardedFor, String expected) {
        assertEquals(expected, TRUSTED.origin(new InetSocketAddress("10.1.1.1", 5), null, forwarded, xForwardedFor));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "proxy.example", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129"})
    void whatIsNoNetworkIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Network.parse(text));
    }
}
