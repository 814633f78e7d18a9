package io.millrace.infra.embedded;

import java.net.InetAddress;
import java.util.Map;

/** The configuration of the embedded PostgreSQL server. */
final class PostgresSettings {

    private PostgresSettings() {}

    static Map<String, String> server() {
        return Map.of(
                "listen_addresses", InetAddress.getLoopbackAddress().getHostAddress(),
                // No socket in the file system: its folder might not be writable, and nobody would use the socket.
                "unix_socket_directories", "",
                // The starter switches both off, as for throw-away data. Our data must survive a power cut.
                "fsync", "on",
                "synchronous_commit", "on",
                "shared_buffers", "256MB",
                "max_connections", "64",
                // Nobody needs it here, so there is one process fewer to start.
                "max_logical_replication_workers", "0",
                // Checkpoints far apart: after each of them, the first change of a page writes the whole page to the
                // log.
                "max_wal_size", "4GB",
                "checkpoint_timeout", "30min");
    }

    /**
     * Sorts and compares in the same way on every machine, whatever its locale, but knows the letters of all languages.
     */
    static Map<String, String> locale() {
        return Map.of("locale-provider", "builtin", "builtin-locale", "C.UTF-8", "locale", "C");
    }
}
