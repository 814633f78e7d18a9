package io.millrace.infra.config;

import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.proto.kafka.ClientSettings;

/**
 * How to reach the read model's database.
 *
 * @param url JDBC address
 * @param user the user to connect as
 * @param password password of that user, empty for none
 * @param poolSize most connections
 */
public record DatabaseSettings(String url, String user, String password, int poolSize) {

    /** Connections of one node: the projector needs one, the others answer requests for lists. */
    public static final int POOL_SIZE = 8;

    /**
     * @param database name of another database of the same PostgreSQL
     * @return the same for that one
     */
    public DatabaseSettings of(String database) {
        return new DatabaseSettings(url.replaceFirst("/[^/]+$", "/" + database), user, password, poolSize);
    }

    /**
     * @param kafka where the log is
     * @return the read model in this database, filled from the log there
     */
    public ReadModelConfig readModel(ClientSettings kafka) {
        return new ReadModelConfig(url, user, password, poolSize, kafka);
    }

    /** @return the address as messages may show it: what stands behind the name of the database may hold a password */
    public String shown() {
        int options = url.indexOf('?');
        return (options < 0 ? url : url.substring(0, options)).replaceFirst("//[^/@]*@", "//");
    }

    /** Leaves the password out. */
    @Override
    public String toString() {
        return "DatabaseSettings[" + user + " at " + shown() + "]";
    }
}
