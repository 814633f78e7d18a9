package io.millrace.ingest.auth;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells from where a request comes. What the headers {@code Forwarded} (RFC 7239) and {@code X-Forwarded-For} say is believed
 * only of a proxy that the configuration names, since anybody can send them: of the addresses in the list the last that is no
 * such proxy is the client's. Immutable, safe from any thread.
 */
public final class TrustedProxies {

    /** No proxy is trusted. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private static final Pattern FOR = Pattern.compile("(?i)(?:^|;)\\s*for\\s*=\\s*(\"[^\"]*\"|[^;\\s]+)");
    /** An address with or without a port, as proxies write it: 192.0.2.1, 192.0.2.1:80, [2001:db8::1]:80, 2001:db8::1. */
    private static final Pattern NODE =
            Pattern.compile("\\[([0-9a-fA-F:.]+)](?::\\d+)?|(\\d+\\.\\d+\\.\\d+\\.\\d+)(?::\\d+)?|([0-9a-fA-F]*:[0-9a-fA-F:.]+)");

    private final List<Network> networks;

    /** @param networks proxies whose word counts */
    public TrustedProxies(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    /**
     * @param forwarded value of the header Forwarded, all of its lines joined by commas, or null
     * @param xForwardedFor the same of X-Forwarded-For; not looked at beside the other
     * @return address and port of the peer; behind a trusted proxy {@code <client> via <peer>}
     */
    public String origin(InetSocketAddress peer, String forwarded, String xForwardedFor) {
        String own = text(peer.getAddress()) + ":" + peer.getPort();
        if (!trusts(peer.getAddress())) {
            return own;
        }
        List<String> hops = forwarded == null ? hops(xForwardedFor) : forwardedHops(forwarded);
        for (String hop : hops.reversed()) {
            InetAddress address = address(hop);
            if (address == null) {
                return own; // what comes before it was told by somebody whom nobody knows
            }
            if (!trusts(address)) {
                return text(address) + " via " + own;
            }
        }
        return own;
    }

    private boolean trusts(InetAddress address) {
        return networks.stream().anyMatch(network -> network.holds(address));
    }

    private static List<String> hops(String list) {
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
    private static InetAddress address(String hop) {
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
