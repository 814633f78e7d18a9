package io.millrace.ingest.limits;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Connections that may be open at a time, or what else addresses may have of a node: so many, and of one address as many as it leaves free. Of IPv6 a network of 64 bits
 * counts as one address, since whoever has one has them all. Safe from any thread.
 */
public final class Places {

    private static final int NETWORK_BYTES = 8;

    private final Pool pool;
    private final Map<InetAddress, Peer> peers = new ConcurrentHashMap<>();

    private static final class Peer {
        private final Pool.Share share;
        private int open;

        private Peer(Pool.Share share) {
            this.share = share;
        }
    }

    /** A place that is taken, to be left once. */
    @FunctionalInterface
    public interface Place {
        void leave();
    }

    /** @param most connections at a time */
    public Places(long most) {
        pool = new Pool(most);
    }

    /** @return the most that may be open */
    public long most() {
        return pool.size();
    }

    /** @return how many are open */
    public long open() {
        return pool.used();
    }

    /** @return a place for a connection from the address; nothing if there is none left for it */
    public Optional<Place> enter(InetAddress from) {
        boolean[] entered = new boolean[1];
        InetAddress peerAddress = network(from);
        peers.compute(peerAddress, (address, known) -> {
            Peer peer = known == null ? new Peer(pool.share()) : known;
            entered[0] = peer.share.take(1);
            if (entered[0]) {
                peer.open++;
            }
            return peer.open == 0 ? null : peer;
        });
        return entered[0] ? Optional.of(() -> leave(peerAddress)) : Optional.empty();
    }

    private static InetAddress network(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        byte[] bytes = address.getAddress();
        Arrays.fill(bytes, NETWORK_BYTES, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("expected an address of 16 bytes, but there are " + bytes.length, e);
        }
    }

    private void leave(InetAddress from) {
        peers.computeIfPresent(from, (address, peer) -> {
            peer.share.give(1);
            return --peer.open == 0 ? null : peer;
        });
    }
}
