package io.millrace.ingest.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class PlacesTest {

    private final Places places = new Places(4);

    @Test
    void theAddressesOfANetworkOfIpv6CountAsOne() throws Exception {
        Places.Place first = places.enter(InetAddress.getByName("2001:db8::1")).orElseThrow();
        Places.Place second = places.enter(InetAddress.getByName("2001:db8::2")).orElseThrow();

        assertFalse(places.enter(InetAddress.getByName("2001:db8::ffff:0:0:3")).isPresent());
        assertTrue(places.enter(InetAddress.getByName("2001:db8:0:1::1")).isPresent());

        first.leave();
        second.leave();
        assertEquals(1, places.open());
    }

    @Test
    void everyAddressOfIpv4CountsByItself() throws Exception {
        assertTrue(places.enter(InetAddress.getByName("192.0.2.1")).isPresent());
        assertTrue(places.enter(InetAddress.getByName("192.0.2.1")).isPresent());

        assertFalse(places.enter(InetAddress.getByName("192.0.2.1")).isPresent());
        assertTrue(places.enter(InetAddress.getByName("192.0.2.2")).isPresent());
    }
}
