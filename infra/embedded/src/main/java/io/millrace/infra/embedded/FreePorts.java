package io.millrace.infra.embedded;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.server.StartException;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks before a start that all ports of a server are free. The start itself takes seconds, and binds the ports only
 * at its end. Finds such ports, too.
 */
public final class FreePorts {

    private static final int PATIENCE_MS = 500;
    private static final int MOST_BYTES = 10_000;
    private static final Pattern NODE = Pattern.compile("\"node\":\"([^\"\\\\]{1,100})\"");
    private static final Pattern DATA = Pattern.compile("\"data\":\"([^\"\\\\]{1,1000})\"");

    private static final String ANOTHER = "another program does";

    private FreePorts() {}

    /**
     * @throws StartException if ports are taken: names each one, its setting and, if that can be found out, who has it
     */
    public static void expect(ServerConfig config) {
        List<String> taken = new ArrayList<>();
        String host = config.http().host();
        int port = config.http().port();
        look(
                        config.grpc().host(),
                        config.grpc().port(),
                        "gRPC",
                        "grpc.port ($GRPC_SERVER_PORT, --grpc-port)",
                        () -> ANOTHER)
                .ifPresent(taken::add);
        look(host, port, "HTTP", "http.port ($SERVER_PORT, --http-port)", () -> who(host, port))
                .ifPresent(taken::add);
        look(
                        config.dispatcher().readsBind(),
                        config.dispatcher().readsPort(),
                        "reads of other nodes",
                        "dispatcher.reads_port",
                        () -> ANOTHER)
                .ifPresent(taken::add);
        if (!taken.isEmpty()) {
            throw new StartException("expected to listen on " + String.join(", and on ", taken)
                    + "; stop who listens there, or choose another port by the setting");
        }
    }

    /**
     * Finds ports of loopback that nobody has at this moment.
     *
     * @return so many, all different
     * @throws IOException there are none, or the system refuses
     */
    public static List<Integer> find(int count) throws IOException {
        List<ServerSocket> open = new ArrayList<>();
        try {
            // All are open at the same time, so that they differ.
            for (int i = 0; i < count; i++) {
                open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return open.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : open) {
                socket.close();
            }
        }
    }

    private static Optional<String> look(String host, int port, String what, String setting, Supplier<String> who) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, port));
            return Optional.empty();
        } catch (BindException taken) {
            return Optional.of(host + ":" + port + " for " + what + ", as " + setting + " says, but " + who.get() + " ("
                    + taken.getMessage() + ")");
        } catch (IOException e) {
            return Optional.of(
                    host + ":" + port + " for " + what + ", as " + setting + " says, but: " + e.getMessage());
        }
    }

    /** Another server of ours says who it is. Of anything else only its presence is known. */
    private static String who(String host, int port) {
        try {
            HttpURLConnection asked = (HttpURLConnection) URI.create("http://" + host + ":" + port + "/_/health")
                    .toURL()
                    .openConnection();
            asked.setConnectTimeout(PATIENCE_MS);
            asked.setReadTimeout(PATIENCE_MS);
            try (InputStream in = asked.getInputStream()) {
                String said = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
                Matcher node = NODE.matcher(said);
                Matcher data = DATA.matcher(said);
                if (node.find()) {
                    return "node " + node.group(1) + " of Millrace"
                            + (data.find() ? ", with the data in " + data.group(1) + "," : "") + " does";
                }
            }
        } catch (IOException | IllegalArgumentException nobodyWeKnow) {
            return ANOTHER;
        }
        return ANOTHER;
    }
}
