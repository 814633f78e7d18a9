package io.millrace.infra.encryption;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.system.TestKeys;
import io.millrace.infra.system.TestServer;
import io.millrace.ingest.config.Access;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** The server of a test whose organisation encrypts its payloads, and its access file. */
final class EncryptedOrganisation {

    /** Name and seed of its wrapping key. */
    static final String KEY = "w1";

    static final int SEED = 9;

    /** Another organisation of the file, which encrypts by the same wrapping key, and has no keys of its own. */
    static final UUID OTHER_ORG = new UUID(77, 77);

    private EncryptedOrganisation() {}

    /**
     * @param folder of the access file
     * @param further settings
     * @return a server whose read model is open
     */
    static TestServer start(Path folder, Map<String, String> further) {
        return start(folder, further, UnaryOperator.identity());
    }

    /** @param change makes of a configuration one that no settings give */
    static TestServer start(Path folder, Map<String, String> further, UnaryOperator<ServerConfig> change) {
        Map<String, String> settings = new HashMap<>(further);
        settings.put("server.access_file", accessFile(folder).toString());
        TestServer server = TestServer.start(settings, change);
        server.node(TestServer.FIRST).readModelOpened().toCompletableFuture().join();
        return server;
    }

    /** @return the file, with the keys of a development server */
    static Path accessFile(Path folder) {
        return accessFile(folder, TestKeys.line(KEY, SEED), true);
    }

    /**
     * Writes it, or writes it anew.
     *
     * @param lines of the file of wrapping keys
     * @param payloads whether payloads are encrypted
     */
    static Path accessFile(Path folder, String lines, boolean payloads) {
        try {
            Path keys = Files.writeString(folder.resolve("wrapping-keys"), lines);
            return Files.writeString(folder.resolve("access.toml"), """
                    [[orgs]]
                    id = "%s"
                    slug = "dev"
                    [orgs.encryption]
                    key_file = "%s"
                    payloads = %s
                    [[orgs]]
                    id = "%s"
                    slug = "other"
                    [orgs.encryption]
                    key_file = "%2$s"
                    [auth.static_api_key]
                    keys = [
                      { key = "%s", org_id = "%1$s", principal_type = "User", principal_id = "ann", role = "ADMIN" },
                      { key = "%s", org_id = "%1$s", principal_type = "Worker", principal_id = "dev-worker" },
                      { key = "owner", org_id = "%1$s", principal_type = "User", principal_id = "bob", role = "OWNER" },
                      { key = "operator", org_id = "%1$s", principal_type = "User", principal_id = "olga", role = "OPERATOR" },
                    ]
                    """.formatted(
                            Access.DEV_ORG, keys, payloads, OTHER_ORG, Access.DEV_USER_KEY, Access.DEV_WORKER_KEY));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
