package io.millrace.infra.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.door.OpenConnections.Opened;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is let in, and who has to go for others. */
class OpenConnectionsTest {

    private static final int MOST = 8;

    private final OpenConnections open = new OpenConnections(MOST);
    private final List<Integer> closed = new ArrayList<>();

    @Test
    void anAddressLeavesRoomForOthers() throws Exception {
        List<Opened> ofOne = enterAll("192.0.2.1");
        List<Opened> ofAnother = enterAll("192.0.2.2");

        assertEquals(MOST / 2, ofOne.size());
        assertEquals(2, ofAnother.size());
        assertTrue(enter("192.0.2.3", 1).isPresent());
        assertEquals(List.of(), closed);
    }

    @Test
    void anAddressHasItsPlacesAgainOnceItsConnectionsHaveLeft() throws Exception {
        enterAll("192.0.2.1").forEach(open::left);

        assertEquals(0, open.open());
        assertEquals(MOST / 2, enterAll("192.0.2.1").size());
    }

    @Test
    void theOldestThatShowedNoKeyGoesForANewcomer() throws Exception {
        enter("192.0.2.1", 1).orElseThrow().connection().showedKey();
        for (int port = 2; port <= 4; port++) {
            enter("192.0.2.1", port);
        }

        assertEquals(List.of(2), closed);
    }

    @Test
    void aConnectionIsOverWithTheCertificateOfItsClient() throws Exception {
        DoorConnection connection = enter("192.0.2.1", 1).orElseThrow().connection();
        assertFalse(connection.isCertificateOver(Long.MAX_VALUE - 1), "none was shown");

        connection.certifiedUntil(2_000);

        assertFalse(connection.isCertificateOver(1_999));
        assertTrue(connection.isCertificateOver(2_000));
    }

    /** @return connections that showed a key, as many as are let in */
    private List<Opened> enterAll(String address) throws UnknownHostException {
        List<Opened> entered = new ArrayList<>();
        Optional<Opened> next = enter(address, 1);
        while (next.isPresent()) {
            next.get().connection().showedKey();
            entered.add(next.get());
            next = enter(address, entered.size() + 1);
        }
        return entered;
    }

    private Optional<Opened> enter(String address, int port) throws UnknownHostException {
        return open.enter(
                new InetSocketAddress(InetAddress.getByName(address), port), Runnable::run, () -> closed.add(port));
    }
}
