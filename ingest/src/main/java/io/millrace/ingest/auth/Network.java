package io.millrace.ingest.auth;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A network of addresses, or one address.
 *
 * @param address its first address
 * @param bits how many of the first bits all its addresses share
 */
public record Network(InetAddress address, int bits) {

    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
    /** Whatever has a colon is an IPv6 address or refused; it is never looked up as a name. */
    private static final Pattern LITERAL =
            Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}|[0-9a-fA-F.]*:[0-9a-fA-F:.]*");

    /**
     * @param text an address, or one with the number of bits behind a slash: 10.0.0.0/8
     * @throws IllegalArgumentException if it is neither
     */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = literal(slash < 0 ? text : text.substring(0, slash));
        int most = address.getAddress().length * 8;
        String bits = slash < 0 ? String.valueOf(most) : text.substring(slash + 1);
        if (!bits.matches("[0-9]{1,3}") || Integer.parseInt(bits) > most) {
            throw new IllegalArgumentException("expected 0 to " + most + " bits, but got " + bits);
        }
        return new Network(address, Integer.parseInt(bits));
    }

    /**
     * @return the address that stands there in digits; names are not looked up
     * @throws IllegalArgumentException if it is none
     */
    static InetAddress literal(String text) {
        try {
            if (LITERAL.matcher(text).matches()) {
                return InetAddress.getByName(text);
            }
        } catch (UnknownHostException e) {
            // said below
        }
        throw new IllegalArgumentException("expected an IP address, but got '" + text + "'");
    }

    /** @return the form that {@link #parse} reads, with the number of bits */
    @Override
    public String toString() {
        return address.getHostAddress() + "/" + bits;
    }

    /** @return whether the address is one of this network */
    public boolean holds(InetAddress other) {
        byte[] own = address.getAddress();
        byte[] theirs = other.getAddress();
        if (own.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit & 7);
            if ((own[bit >> 3] & mask) != (theirs[bit >> 3] & mask)) {
                return false;
            }
        }
        return true;
    }
}
