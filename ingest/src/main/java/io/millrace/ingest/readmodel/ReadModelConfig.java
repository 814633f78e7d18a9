package io.millrace.ingest.readmodel;

import java.util.Map;

/**
 * Settings of the read model.
 *
 * @param jdbcUrl PostgreSQL
 * @param user database user
 * @param password its password, empty for none; never logged
 * @param poolSize connections at the most
 * @param bootstrapServers Kafka, host:port separated by commas
 * @param kafkaProps more settings for the Kafka client, security above all
 */
public record ReadModelConfig(
        String jdbcUrl,
        String user,
        String password,
        int poolSize,
        String bootstrapServers,
        Map<String, Object> kafkaProps) {

    /** @return the same read model in another schema of the database */
    ReadModelConfig inSchema(String schema) {
        String url = jdbcUrl + (jdbcUrl.contains("?") ? "&" : "?") + "currentSchema=" + schema;
        return new ReadModelConfig(url, user, password, poolSize, bootstrapServers, kafkaProps);
    }

    @Override
    public String toString() {
        return "ReadModelConfig[" + jdbcUrl + ", user " + user + ", pool " + poolSize + ", kafka " + bootstrapServers
                + "]";
    }
}
