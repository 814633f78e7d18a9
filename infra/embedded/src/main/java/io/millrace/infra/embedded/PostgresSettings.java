package io.millrace.infra.embedded;

import java.net.InetAddress;
import java.util.Map;

/** The configuration of the embedded PostgreSQL server. */
final class PostgresSettings {

    private PostgresSettings() {}

    static Map<String, String> server() {
        return Map.of(
                "listen_addresses", InetAddress.getLoopbackAddress().getHostAddress(),
                // No socket in the file system: its folder might not be writable, and nobody would look for it.
                "unix_socket_directories", "",
                // The starter switches both off, which is for throw-away data; ours has to survive a power cut.
                "fsync", "on",
                "synchronous_commit", "on",
                "shared_buffers", "256MB",
                "max_connections", "64",
                // One process fewer to start, for something that nobody reads here.
                "max_logical_replication_workers", "0",
                // Checkpoints far apart: after each, the first change of a page writes the whole page to the log.
                "max_wal_size", "4GB",
                "checkpoint_timeout", "30min");
    }

    /** Sorts and compares alike on every machine, whatever its locale, and still knows the letters of all languages. */
    static Map<String, String> locale() {
        return Map.of("locale-provider", "builtin", "builtin-locale", "C.UTF-8", "locale", "C");
    }
}
