package io.millrace.ingest.auth;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The header of the PROXY protocol, version 2, with which a proxy begins a connection: 16 bytes that say how many follow, and those.
 * Reads it as <a href="https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt">its definition</a> says; further fields (TLVs)
 * are passed over. Stateless.
 */
public final class ProxyHeader {

    /** Bytes of the part in front. */
    public static final int HEAD_BYTES = 16;

    /** Bytes that may follow it. What proxies send is some hundred at the most. */
    public static final int MOST_BYTES = 4_096;

    private static final byte[] SIGNATURE = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");
    private static final int COMMAND_AT = 12;
    private static final int FAMILY_AT = 13;
    private static final int LENGTH_AT = 14;
    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;

    private ProxyHeader() {}

    /**
     * @param head the first {@link #HEAD_BYTES} of the connection
     * @return how many bytes follow that still belong to the header
     * @throws IllegalArgumentException "expected …, but …" if it is no such header
     */
    public static int length(byte[] head) {
        if (!Arrays.equals(SIGNATURE, 0, SIGNATURE.length, head, 0, SIGNATURE.length)) {
            throw new IllegalArgumentException(
                    "expected a header of the PROXY protocol, version 2, but got something else");
        }
        int command = head[COMMAND_AT] & 0xff;
        if (command != LOCAL && command != PROXY) {
            throw new IllegalArgumentException(
                    "expected version 2 and the command LOCAL or PROXY, 20 or 21, in a header of the"
                            + " PROXY protocol, but got " + HexFormat.of().toHexDigits((byte) command));
        }
        int length = (head[LENGTH_AT] & 0xff) << 8 | head[LENGTH_AT + 1] & 0xff;
        if (length > MOST_BYTES) {
            throw new IllegalArgumentException("expected at most " + MOST_BYTES
                    + " bytes behind the head of a header of the PROXY protocol, but got " + length);
        }
        return length;
    }

    /**
     * @param head the first {@link #HEAD_BYTES} of the connection, which {@link #length} has seen
     * @param rest what follows
     * @return the client that the proxy tells of; none for a connection of its own, or of a client without an IP address
     * @throws IllegalArgumentException "expected …, but …" if it makes no sense
     */
    public static Optional<InetSocketAddress> client(byte[] head, byte[] rest) {
        if ((head[COMMAND_AT] & 0xff) == LOCAL) {
            return Optional.empty();
        }
        return switch (head[FAMILY_AT] & 0xff) {
            case 0x11, 0x12 -> Optional.of(client(rest, 4));
            case 0x21, 0x22 -> Optional.of(client(rest, 16));
            case 0x00, 0x31, 0x32 -> Optional.empty();
            default ->
                throw new IllegalArgumentException(
                        "expected a family of addresses that the PROXY protocol knows, but got "
                                + HexFormat.of().toHexDigits(head[FAMILY_AT]));
        };
    }

    /** Both addresses, and behind them both ports. */
    private static InetSocketAddress client(byte[] rest, int bytes) {
        if (rest.length < 2 * bytes + 4) {
            throw new IllegalArgumentException("expected " + (2 * bytes + 4)
                    + " bytes of addresses in a header of the PROXY protocol, but got " + rest.length);
        }
        int port = (rest[2 * bytes] & 0xff) << 8 | rest[2 * bytes + 1] & 0xff;
        try {
            return new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOf(rest, bytes)), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("expected " + bytes + " bytes to be an address, but they are not", e);
        }
    }
}
