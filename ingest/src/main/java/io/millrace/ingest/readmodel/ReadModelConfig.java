package io.millrace.ingest.readmodel;

import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;

/**
 * Settings of the read model.
 *
 * @param jdbcUrl PostgreSQL
 * @param user database user
 * @param password its password, empty for none; never logged
 * @param poolSize connections at the most
 * @param kafka where the log is that it is made of
 * @param macs knows the keys by which outcomes are sealed
 */
public record ReadModelConfig(
        String jdbcUrl, String user, String password, int poolSize, ClientSettings kafka, CommandMacs macs) {

    /** Believes outcomes without looking at their seals. */
    public ReadModelConfig(String jdbcUrl, String user, String password, int poolSize, ClientSettings kafka) {
        this(jdbcUrl, user, password, poolSize, kafka, CommandMacs.OFF);
    }

    /** @return the same, where outcomes are sealed by these keys */
    public ReadModelConfig sealedWith(CommandMacs keys) {
        return new ReadModelConfig(jdbcUrl, user, password, poolSize, kafka, keys);
    }

    /** @return the same read model in another schema of the database */
    ReadModelConfig inSchema(String schema) {
        String url = jdbcUrl + (jdbcUrl.contains("?") ? "&" : "?") + "currentSchema=" + schema;
        return new ReadModelConfig(url, user, password, poolSize, kafka, macs);
    }

    @Override
    public String toString() {
        return "ReadModelConfig[" + jdbcUrl + ", user " + user + ", pool " + poolSize + ", kafka "
                + kafka.bootstrapServers() + "]";
    }
}
