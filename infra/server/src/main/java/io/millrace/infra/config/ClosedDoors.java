package io.millrace.infra.config;

import io.millrace.infra.tls.ClientCertificates;
import io.millrace.ingest.config.ConfigException;

/** What has to be closed before a node serves others than the one who tries it out. Stateless. */
public final class ClosedDoors {

    private ClosedDoors() {}

    /**
     * Expects that nobody comes in without a key or a certificate, and that nothing goes over a network in plain text
     * unless that was asked for by name.
     *
     * @throws ConfigException if a door is open; the text says which one, and how to close it
     */
    public static void expect(ServerConfig config) {
        expectAuthentication(config);
        if (!config.tls().plainTextAllowed()) {
            if (config.tls().door().isEmpty()) {
                expectLoopback("grpc.host", config.grpc().host(), Settings.TLS_CERTIFICATE);
                expectLoopback("http.host", config.http().host(), Settings.TLS_CERTIFICATE);
            }
            if (config.has(NodeRole.DISPATCHER) && config.tls().nodes().isEmpty()) {
                expectLoopback(Settings.READS_BIND.key(), config.dispatcher().readsBind(), Settings.NODES_CA);
            }
        }
        expectProofOfNodes(config);
        expectQuotasThatAreCounted(config);
    }

    private static void expectQuotasThatAreCounted(ServerConfig config) {
        if (config.has(NodeRole.INGEST) && config.database().isEmpty()) {
            config.access().organisations().stream()
                    .filter(each -> each.limits().counts())
                    .findFirst()
                    .ifPresent(each -> {
                        throw new ConfigException("expected " + Settings.POSTGRES_URL.key()
                                + ", since open_workflows and schedules of the organisation '" + each.slug()
                                + "' are counted in the read model, but the key is missing");
                    });
        }
    }

    private static void expectAuthentication(ServerConfig config) {
        boolean own = config.stated().values().containsKey(Settings.ACCESS_FILE.key());
        if (!own || !config.access().authRequired()) {
            throw new ConfigException("expected " + Settings.ACCESS_FILE.key()
                    + " (or the variable CONFIG_FILE) to name a file of organisations and keys, since a server lets nobody in"
                    + " without, but "
                    + (own ? "the file says that nobody needs a key (auth.enabled = false)" : "the key is missing")
                    + "; `millrace dev` runs a server to try things out");
        }
    }

    private static void expectLoopback(String key, String host, Setting<?> closes) {
        if (!Loopback.is(host)) {
            throw new ConfigException("expected TLS on " + key + " = " + host
                    + ", since that is not loopback, but it would speak plain text: set " + closes.key()
                    + ", or " + Settings.PLAIN_TEXT.key()
                    + " = true where a proxy in front ends TLS and nobody else reaches the port");
        }
    }

    private static void expectProofOfNodes(ServerConfig config) {
        boolean certificates = config.tls()
                .nodes()
                .filter(files -> files.clients() == ClientCertificates.NEEDED)
                .isPresent();
        boolean open = config.macs().keys().all().isEmpty() && !certificates;
        if (config.has(NodeRole.DISPATCHER)
                && open
                && !Loopback.is(config.dispatcher().readsBind())) {
            throw new ConfigException("expected " + Settings.MAC_KEYS.key() + ", or "
                    + Settings.NODES_CLIENTS.key() + " = \"needed\", since other machines reach "
                    + Settings.READS_BIND.key() + " = " + config.dispatcher().readsBind()
                    + " and could read everything, but neither is there");
        }
    }
}
