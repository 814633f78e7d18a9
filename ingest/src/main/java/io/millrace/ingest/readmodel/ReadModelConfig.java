package io.millrace.ingest.readmodel;

import io.millrace.proto.kafka.ClientSettings;

/**
 * Settings of the read model.
 *
 * @param jdbcUrl PostgreSQL
 * @param user database user
 * @param password its password, empty for none; never logged
 * @param poolSize connections at the most
 * @param kafka where the log is that it is made of
 */
public record ReadModelConfig(String jdbcUrl, String user, String password, int poolSize, ClientSettings kafka) {

    /** @return the same read model in another schema of the database */
    ReadModelConfig inSchema(String schema) {
        String url = jdbcUrl + (jdbcUrl.contains("?") ? "&" : "?") + "currentSchema=" + schema;
        return new ReadModelConfig(url, user, password, poolSize, kafka);
    }

    @Override
    public String toString() {
        return "ReadModelConfig[" + jdbcUrl + ", user " + user + ", pool " + poolSize + ", kafka "
                + kafka.bootstrapServers() + "]";
    }
}
