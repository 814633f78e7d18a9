package io.millrace.ingest.auth;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells from where a request comes. What the headers {@code Forwarded} (RFC 7239) and {@code X-Forwarded-For} say is
 * believed only of a proxy that the configuration names, since anybody can send them. Of the addresses in the list, the
 * last one that is no such proxy is the client's. Other proxies, which the configuration names as well, tell of the
 * client at the beginning of a connection, by the PROXY protocol. Immutable, safe from any thread.
 */
public final class TrustedProxies {

    /** No proxy is trusted. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private static final Pattern FOR = Pattern.compile("(?i)(?:^|;)\\s*for\\s*=\\s*(\"[^\"]*\"|[^;\\s]+)");
    /** An address with or without a port, as proxies write it: 192.0.2.1, 192.0.2.1:80, [2001:db8::1]:80, 2001:db8::1. */
    private static final Pattern NODE = Pattern.compile(
            "\\[([0-9a-fA-F:.]+)](?::\\d+)?|(\\d+\\.\\d+\\.\\d+\\.\\d+)(?::\\d+)?|([0-9a-fA-F]*:[0-9a-fA-F:.]+)");

    private final List<Network> networks;
    private final List<Network> speaking;

    /** @param networks proxies whose headers count */
    public TrustedProxies(List<Network> networks) {
        this(networks, List.of());
    }

    /**
     * @param networks proxies whose headers count
     * @param speaking proxies whose connections begin with a header of the PROXY protocol
     */
    public TrustedProxies(List<Network> networks, List<Network> speaking) {
        this.networks = List.copyOf(networks);
        this.speaking = List.copyOf(speaking);
    }

    /** @return whether connections from there begin with a header of the PROXY protocol, and those from elsewhere never do */
    public boolean speak(InetAddress address) {
        return holds(speaking, address);
    }

    /**
     * @param told client that the peer told of by the PROXY protocol, or null
     * @param forwarded value of the header Forwarded, all of its lines joined by commas, or null
     * @param xForwardedFor the same of X-Forwarded-For; not looked at beside the other
     * @return address and port of the peer; behind a trusted proxy {@code <client> via <peer>}
     */
    public String origin(
            InetSocketAddress peer,
            @Nullable InetSocketAddress told,
            @Nullable String forwarded,
            @Nullable String xForwardedFor) {
        String via = " via " + text(peer.getAddress()) + ":" + peer.getPort();
        InetAddress nearest = told == null ? peer.getAddress() : told.getAddress();
        String own = told == null ? via.substring(" via ".length()) : text(nearest) + via;
        if (!trusts(nearest)) {
            return own;
        }
        List<String> hops = forwarded == null ? hops(xForwardedFor) : forwardedHops(forwarded);
        for (String hop : hops.reversed()) {
            InetAddress address = address(hop);
            if (address == null) {
                return own; // what comes before it was told by somebody whom nobody knows
            }
            if (!trusts(address)) {
                return text(address) + via;
            }
        }
        return own;
    }

    /** @return whether a proxy is there whose headers count */
    public boolean trusts(InetAddress address) {
        return holds(networks, address);
    }

    private static boolean holds(List<Network> networks, InetAddress address) {
        return networks.stream().anyMatch(network -> network.holds(address));
    }

    private static List<String> hops(@Nullable String list) {
        return list == null ? List.of() : List.of(list.split(","));
    }

    private static List<String> forwardedHops(String list) {
        List<String> hops = new ArrayList<>();
        for (String element : list.split(",")) {
            Matcher node = FOR.matcher(element);
            hops.add(node.find() ? node.group(1).replace("\"", "") : "");
        }
        return hops;
    }

    /** @return null for what is no address, such as "unknown" or a name: it is not to be looked up */
    private static @Nullable InetAddress address(String hop) {
        Matcher node = NODE.matcher(hop.strip());
        if (!node.matches()) {
            return null;
        }
        String text = node.group(1) != null ? node.group(1) : node.group(2) != null ? node.group(2) : node.group(3);
        try {
            return Network.literal(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String text(InetAddress address) {
        return address.getHostAddress();
    }
}
